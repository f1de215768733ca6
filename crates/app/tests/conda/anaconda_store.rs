//! The adapter of anaconda.org by itself: faults at every request, what is refused, and what its own client says.

use std::collections::BTreeMap;
use std::process::Command;

use trackside_domain::action::{Action, Location};
use trackside_domain::digest::Sha256;
use trackside_domain::store::{Fingerprint, ObjectKey};
use trackside_effects::Performer;
use trackside_effects::git::{Caches, Credentials, Git, GitSettings};
use trackside_effects::perform::Look;
use trackside_effects::store::{Access, Origin, Store, Stores, Target};
use trackside_testkit::servers::{Anaconda, Fault, Proxy, Rule};

use crate::hub::{Hub, TOKEN, package, put, store, url, with_causes};
use crate::tools::python;

/// What a request may meet on its way.
const FAULTS: [Fault; 6] =
    [Fault::Lost, Fault::Status(503), Fault::Reset, Fault::Truncated, Fault::Status(500), Fault::Denied(500)];

fn stores(proxy: &Proxy) -> (Store, Store) {
    (store(&url(proxy, "train-test", "rc"), TOKEN), store(&url(proxy, "train", "hidden"), TOKEN))
}

fn copy(from: &Store, to: &Store, key: &str, bytes: &[u8]) -> Result<String, String> {
    let key: ObjectKey = key.parse().unwrap();
    let origin = Origin { store: from, key: &key, content: Fingerprint::of(bytes) };
    let copied = to.copy_create(origin, Target::new(&key), &mut |_| {});
    copied.map(|created| format!("{created:?}")).map_err(|error| with_causes(&error))
}

/// Everything that a file goes through.
fn whole(proxy: &Proxy, key: &str, bytes: &[u8]) {
    let (test, stable) = stores(proxy);
    put(&test, key, bytes).unwrap();
    copy(&test, &stable, key, bytes).unwrap();
    let key: ObjectKey = key.parse().unwrap();
    stable.add_label(&key).unwrap();
    let public = store(&url(proxy, "train", "main"), TOKEN);
    public.add_label(&key).unwrap();
    assert_eq!(public.digest(&key).unwrap(), Some(Sha256::of(bytes)));
    assert_eq!(public.list(&"torch".parse().unwrap()).unwrap().len(), 1);
}

#[test]
fn a_fault_at_any_request_changes_nothing_of_the_end() {
    let (key, bytes) = package("ours");
    let (calm, proxy, storage) = Hub::open();
    whole(&proxy, &key, &bytes);
    let expected = calm.files();
    assert_eq!(expected.len(), 2);
    let requests = proxy.seen().len();
    assert!(requests > 15, "{requests}");
    let sent = storage.seen().len();
    assert!(sent >= 2, "{sent}");
    for (nth, is_storage) in (1..=requests).map(|nth| (nth, false)).chain((1..=sent).map(|nth| (nth, true))) {
        for fault in FAULTS {
            let (server, proxy, storage) = Hub::open();
            let hit = if is_storage { &storage } else { &proxy };
            hit.inject(Rule { method: "", part: "", nth, times: 1, fault });
            whole(&proxy, &key, &bytes);
            assert_eq!(server.files(), expected, "{fault:?} at request {nth}");
            let commits =
                server.requests().iter().filter(|line| line.contains("/commit/") && line.ends_with("200")).count();
            assert_eq!(commits, 1, "{fault:?} at request {nth}");
        }
    }
}

#[test]
fn the_same_bytes_are_done_and_others_a_conflict() {
    let (key, bytes) = package("ours");
    let (_, others) = package("others");
    let (server, proxy, _storage) = Hub::open();
    let (test, stable) = stores(&proxy);
    assert_eq!(put(&test, &key, &bytes).unwrap(), "New");
    assert_eq!(put(&test, &key, &bytes).unwrap(), "SameBytes");
    assert!(put(&test, &key, &others).unwrap_err().contains("exists with other bytes"));
    assert!(copy(&test, &stable, &key, &others).unwrap_err().contains("is damaged"));
    assert_eq!(copy(&test, &stable, &key, &bytes).unwrap(), "New");
    assert_eq!(copy(&test, &stable, &key, &bytes).unwrap(), "SameBytes");
    let missing = key.replace("cpu_0", "cpu_1");
    assert!(copy(&test, &stable, &missing, &bytes).unwrap_err().contains("there is no"));
    assert!(put(&test, &missing, b"no package").unwrap_err().contains("cannot write"), "only conda packages");
    assert_eq!(server.files().len(), 2);
}

#[test]
fn an_owner_that_is_not_there_is_no_empty_store() {
    let (_server, proxy, _storage) = Hub::open();
    let open = |stores: &Stores, access| {
        let opened = stores.open(&url(&proxy, "nobody", "main").parse().unwrap(), access);
        with_causes(&opened.unwrap_err())
    };
    let told = open(&Stores::default(), Access::Read);
    assert!(told.ends_with("there is no such bucket: 404 Not Found: The user does not exist"), "{told}");
    let reader = Stores::default().open(&url(&proxy, "train", "main").parse().unwrap(), Access::Read).unwrap();
    let (key, bytes) = package("ours");
    assert!(put(&reader, &key, &bytes).unwrap_err().contains("was opened for reading only"));
    assert_eq!(reader.list_all().unwrap(), []);
}

#[test]
fn nothing_is_replaced_or_removed() {
    let (key, bytes) = package("ours");
    let (server, proxy, _storage) = Hub::open();
    let (test, _) = stores(&proxy);
    put(&test, &key, &bytes).unwrap();
    let key: ObjectKey = key.parse().unwrap();
    let sha256 = Sha256::of(&bytes);
    let before = server.requests().len();
    let replaced = test.replace_if(Target::new(&key), Some(sha256), b"x", &mut |_| {}).unwrap_err();
    let removed = test.remove_if(&key, sha256).unwrap_err();
    for error in [replaced, removed] {
        assert!(error.to_string().starts_with("nothing is replaced or removed in anaconda://train-test/rc"), "{error}");
    }
    assert_eq!(server.requests().len(), before, "the server is not even asked");
}

#[test]
fn a_label_is_added_to_the_planned_bytes_only() {
    let (key, bytes) = package("ours");
    let (_server, proxy, _storage) = Hub::open();
    let (test, _) = stores(&proxy);
    put(&test, &key, &bytes).unwrap();
    let environment = BTreeMap::from([("ANACONDA_API_TOKEN".to_owned(), TOKEN.to_owned())]);
    // No repository is looked at, but a performer could.
    let path = BTreeMap::from([("PATH".into(), std::env::var_os("PATH").unwrap())]);
    let settings = GitSettings { program: "git".into(), environment: path, credentials: Credentials::none() };
    let caches = Caches::new(Git::find(settings).unwrap(), "/nowhere".into());
    let performer = Performer { caches, stores: Stores::new(environment), trial: "test".to_owned() };
    let at = Location { store: url(&proxy, "train-test", "main").parse().unwrap(), key: key.parse().unwrap() };
    let wrong = Action::AddLabel { at: at.clone(), sha256: Sha256::of(b"other") };
    assert!(
        performer
            .perform(&wrong, &Look::default(), &mut |_| {})
            .unwrap_err()
            .to_string()
            .contains("exists with sha256")
    );
    let gone = Location { key: "torch/2.15.0/linux-64/gone.conda".parse().unwrap(), ..at.clone() };
    let gone = Action::AddLabel { at: gone, sha256: Sha256::of(&bytes) };
    assert!(performer.perform(&gone, &Look::default(), &mut |_| {}).unwrap_err().to_string().contains("is gone"));
    let right = Action::AddLabel { at, sha256: Sha256::of(&bytes) };
    assert_eq!(performer.probe(&right).unwrap(), None);
    let shown = |receipt| format!("{receipt:?}");
    assert_eq!(shown(performer.perform(&right, &Look::default(), &mut |_| {}).unwrap()), "Labelled { already: false }");
    assert_eq!(shown(performer.perform(&right, &Look::default(), &mut |_| {}).unwrap()), "Labelled { already: true }");
    assert!(performer.probe(&right).unwrap().is_some());
}

/// Runs the client of anaconda.org itself; what it says.
fn client(server: &Anaconda, home: &std::path::Path, arguments: &[&str]) -> String {
    let mut command: Command = python("anaconda_client.py", home);
    command.arg(format!("http://{}", server.address())).arg(TOKEN).args(arguments);
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{arguments:?}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn the_client_of_anaconda_org_finds_the_model_right() {
    let home = tempfile::TempDir::new().unwrap();
    let (key, bytes) = package("ours");
    let path = home.path().join(key.rsplit('/').next().unwrap());
    std::fs::write(&path, &bytes).unwrap();
    let (server, proxy, _storage) = Hub::open();
    let path = path.to_str().unwrap();
    let run = |arguments: &[&str]| client(&server, home.path(), arguments);
    assert_eq!(run(&["upload", "train-test", "rc", path]), "uploaded\n");
    assert_eq!(run(&["upload", "train-test", "rc", path]), "conflict 409\n");
    assert_eq!(
        run(&["copy", "train-test", &key, "rc", "train", "hidden"]),
        "Copied file: linux-64/torch-2.15.0-cpu_0.conda\ncopied\n"
    );
    assert_eq!(run(&["copy", "train-test", &key, "rc", "train", "hidden"]), "conflict 409\n");
    assert_eq!(run(&["label", "train", &key, "main"]), "hidden main\n");
    assert_eq!(run(&["download", "train", &key]), format!("{}\n", Sha256::of(&bytes)));
    // What it has put there, we find, and it what we have put.
    let (test, stable) = stores(&proxy);
    assert_eq!(put(&test, &key, &bytes).unwrap(), "SameBytes");
    assert_eq!(put(&stable, &key, &bytes).unwrap(), "SameBytes");
    let (server, proxy, _storage) = Hub::open();
    put(&stores(&proxy).0, &key, &bytes).unwrap();
    assert_eq!(client(&server, home.path(), &["download", "train-test", &key]), format!("{}\n", Sha256::of(&bytes)));
    assert_eq!(client(&server, home.path(), &["upload", "train-test", "rc", path]), "conflict 409\n");
}
