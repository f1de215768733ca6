//! Somebody reads a channel and its mirror all the time while they are promoted to, and the program is killed
//! again and again: at no moment is there a link without its file, or to other bytes.
//!
//! Few files on a real server: each start is killed once the server has done one write of it, whichever of those
//! under way that was, and all links lead across to the mirror. And more than five hundred in folders, killed at
//! named effects: after every write of the switch (generation, tags, maps, pages, lists, record), which is all that
//! a reader could see, and after every [`SPREAD`]th of the two thousand copies.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};

use trackside::serve;
use trackside_testkit::servers;

use crate::bucket::{Shop, Stall};
use crate::common::World;
use crate::many;
use crate::public::{Public, Seen};

/// Of so many copies the program dies after one. `TRACKSIDE_KILL_SPREAD=1` makes it die after each, for who has time.
const SPREAD: usize = 100;

/// Reads both stores, now the one first and now the other, while `act` goes on.
fn read_meanwhile(stores: [Public; 2], act: impl FnOnce()) -> Seen {
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| Seen::until(&ended, stores));
        // What fails must not leave the reader behind.
        let acted = catch_unwind(AssertUnwindSafe(act));
        ended.store(true, Ordering::SeqCst);
        let seen = reader.join().unwrap();
        acted.unwrap_or_else(|panic| resume_unwind(panic));
        seen
    })
}

#[test]
fn of_five_hundred_files_no_link_dangles_in_any_store_order() {
    let world = many::verified();
    let stores = ["store", "mirror"].map(|place| {
        std::fs::create_dir_all(world.path(place)).unwrap();
        serve::spawn(world.path(place), "127.0.0.1:0".parse().unwrap()).unwrap()
    });
    world.mend("[backup]", "[[channels.stable.mirrors]]\nstore = \"../mirror\"\n\n[backup]");
    let points = kill_points(&world);
    let public = stores.each_ref().map(|server| Public::at(&format!("http://{}/", server.addr()), &many::FOLDERS));
    let seen = read_meanwhile(public.clone(), || {
        for point in &points {
            let ran = world.run(&format!("promote 2.15.0 --apply --die-at {point}:after-effect"));
            assert_eq!(ran.code, None, "{point}: {ran}");
        }
        world.ok("promote 2.15.0 --apply");
    });
    assert!(points.len() > 60, "{points:?}");
    seen.assert_whole(2 * many::WHEELS);
    // At the end both have everything, and nothing differs from the record.
    let end = Seen::once(&public);
    end.assert_whole(2 * many::WHEELS);
    assert_eq!(end.pages, 2 * public[0].pages());
    world.ok("index check stable --digests");
    // The reader sees what it is for: in each store, by the links of two pages in two forms.
    let wheel = "whl/cpu/torch-2.15.0+cpu-cp310-cp310-win_amd64.whl";
    std::fs::remove_file(world.path("mirror").join(wheel)).unwrap();
    std::fs::write(world.path("store").join(format!("{wheel}.metadata")), "other bytes").unwrap();
    let wrong = Seen::once(&public).wrong;
    assert_eq!(wrong.len(), 8, "{wrong:#?}");
    assert_eq!(wrong.iter().filter(|wrong| wrong.ends_with("which is not there")).count(), 4, "{wrong:#?}");
}

/// The effects after which the program dies, in the order of the plan.
fn kill_points(world: &World) -> Vec<String> {
    let spread = std::env::var("TRACKSIDE_KILL_SPREAD").map_or(SPREAD, |spread| spread.parse().unwrap());
    let mut points = world.effects("promote 2.15.0");
    let mut copies = 0;
    points.retain(|point| {
        if point.starts_with("copy-") {
            copies += 1;
            return copies % spread == 0;
        }
        !["read-", "sizes-"].iter().any(|look| point.starts_with(look))
    });
    assert_eq!(copies, 4 * many::WHEELS, "wheels and their metadata, in two stores");
    points
}

#[test]
fn on_a_server_no_link_dangles_when_all_links_lead_to_the_mirror() {
    let shop = Shop::open(World::verified());
    let (calm, stall) = (mirrored(&shop, "calm"), mirrored(&shop, "read"));
    let ran = calm.run("promote 2.15.0 --apply");
    assert_eq!(ran.code, Some(0), "{ran}");
    let writes = calm.proxy.seen().iter().filter(|seen| seen.is_write()).count();
    let public = ["store", "mirror"]
        .map(|place| Public::at(&format!("http://{}{}", stall.address(), stall.path(place)), &["cpu", "cu126"]));
    let mut killed = 0;
    let seen = read_meanwhile(public, || {
        // Each start is killed as soon as the server has done one write of it.
        while killed_after_a_write(&stall) {
            killed += 1;
            assert!(killed <= writes, "it does not come to its end");
        }
    });
    assert!(killed >= 20, "only {killed} starts were killed");
    seen.assert_whole(2 * 3);
    assert_eq!(stall.run("promote 2.15.0 --apply").code, Some(0));
    for place in ["store", "mirror"] {
        // Only the links differ, by names of one length.
        let expected = calm.photograph_of(place).into_iter().map(|(key, text)| (key, text.replace("/calm/", "/read/")));
        assert!(stall.photograph_of(place) == expected.collect(), "the end of {place} is the same");
    }
}

/// A stall whose channel has a mirror on the same server, where the links of both lead.
fn mirrored<'a>(shop: &'a Shop, prefix: &str) -> Stall<'a> {
    let stall = shop.stall(prefix);
    let url = shop.server.url_through(stall.proxy.address(), &format!("release/{prefix}/mirror"));
    let public = format!("http://{}/release/{prefix}/mirror", stall.address());
    stall.world.mend("[channels.stable]\n", &format!("[channels.stable]\nlinks = \"{public}\"\n"));
    let mirror = format!("[[channels.stable.mirrors]]\nstore = \"{url}\"\nurl = \"{public}\"\n\n[backup]");
    stall.world.mend("[backup]", &mirror);
    stall
}

/// Starts the promotion and kills it once the server has done one write of this start; whether it was
/// killed before it ended.
fn killed_after_a_write(stall: &Stall<'_>) -> bool {
    stall.proxy.forget();
    let mut child = stall.command("promote 2.15.0 --apply");
    let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{status}");
            return false;
        }
        if stall.proxy.seen().iter().any(servers::Seen::is_write) {
            child.kill().unwrap();
            child.wait().unwrap();
            return true;
        }
        std::thread::yield_now();
    }
}
