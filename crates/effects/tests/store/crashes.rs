//! Processes that are killed while they write: what was there stays, and nothing half done is ever seen.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;

use trackside_effects::store::{Created, Source, Store, Target};

use crate::child::{Job, command, new_bytes, this_program};
use crate::scratch::{Scratch, create, key, listing, read, replace};

type MakeJob = fn(usize, Option<usize>) -> Job;

const JOBS: [MakeJob; 4] = [
    |size, die_at| Job::Create { size, die_at },
    |size, die_at| Job::CreateFromFile { size, die_at },
    |size, die_at| Job::Replace { size, die_at },
    |size, die_at| Job::Copy { size, die_at },
];

/// A store with a page and an object to copy, and a file beside it.
fn prepared(size: usize) -> (Scratch, Store) {
    let scratch = Scratch::new();
    let store = scratch.store("s");
    std::fs::write(scratch.path("file"), new_bytes(size)).unwrap();
    replace(&store, "x/page", None, b"old").unwrap();
    assert_eq!(create(&store, "x/origin", &new_bytes(size)).unwrap(), Created::New);
    (scratch, store)
}

/// Does the job again and again, each time killed one moment later, until it gets through. Gives the number
/// of deaths.
fn kill_at_every_moment(make_job: MakeJob, size: usize) -> usize {
    let (scratch, store) = prepared(size);
    let before = listing(&store);
    for moment in 1.. {
        let job = make_job(size, Some(moment));
        let output = command(&this_program(), &scratch.path("s"), job).output().unwrap();
        if output.status.signal().is_none() {
            assert!(output.status.success(), "{output:?}");
            let done = if matches!(job, Job::Replace { .. }) { "x/page" } else { "x/new" };
            assert_eq!(read(&store, done), new_bytes(size), "{job:?}");
            assert_eq!(scratch.unfinished("s"), [""; 0], "{job:?}: leftovers of the dead were not removed");
            return moment - 1;
        }
        assert_eq!(listing(&store), before, "{job:?}");
        assert_eq!(read(&store, "x/page"), b"old", "{job:?}");
        // The next process removes the leftover of this one: there is never more than one.
        assert_eq!(scratch.unfinished("s").len(), 1, "{job:?}");
    }
    unreachable!("the numbers do not end")
}

#[test]
fn a_process_killed_in_the_middle_of_a_write_leaves_nothing_that_is_seen() {
    for make_job in JOBS {
        for (size, deaths) in [(0, 1), (1, 1), (2, 2), (2_500_000, 3)] {
            assert_eq!(kill_at_every_moment(make_job, size), deaths, "{:?}", make_job(size, None));
        }
    }
}

#[test]
fn a_process_killed_at_any_time_leaves_only_whole_objects() {
    let scratch = Scratch::new();
    let store = scratch.store("s");
    for writes in 1..=12 {
        let mut child = command(&this_program(), &scratch.path("s"), Job::WriteOn).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let seen = lines.filter(|line| line.as_ref().unwrap().contains("one more")).take(writes * 3).count();
        child.kill().unwrap();
        assert_eq!((seen, child.wait().unwrap().signal()), (writes * 3, Some(9)));

        let mut sizes: Vec<usize> = Vec::new();
        for entry in store.list_all().unwrap() {
            let bytes = read(&store, entry.key.as_str());
            assert_eq!(bytes, new_bytes(bytes.len()), "{}", entry.key);
            match entry.key.file_name() {
                "page" => {}
                name => {
                    assert_eq!(name, bytes.len().to_string());
                    sizes.push(bytes.len());
                }
            }
        }
        assert!(sizes.len() >= seen, "{} of {seen} objects are left", sizes.len());
    }
}

#[test]
fn what_another_process_is_still_writing_is_not_taken_for_a_leftover() {
    let scratch = Scratch::new();
    let store = scratch.store("s");
    let mut swept = 0;
    let mut progress = |_| {
        // To open a store is to remove leftovers from it.
        drop(scratch.store("s"));
        swept += 1;
    };
    let bytes = new_bytes(3_000_000);
    let at = key("x/new");
    let created = store.create(Target::new(&at), Source::Bytes(&bytes), &mut progress).unwrap();
    assert_eq!((created, swept), (Created::New, 3));
    assert_eq!(read(&store, "x/new"), bytes);
}
