//! Outputs as files: what is there already, several at once, and what can go wrong on the way.

use std::fs::File;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use trackside_artifact::ReadError;
use trackside_artifact::derive::{self, DeriveError, Options};
use trackside_domain::derivation::Rules;
use trackside_testkit::wheel::WheelBuilder;

use crate::case::{INPUT, OUTPUT, Place, demo, rules, version};

#[test]
fn an_output_that_is_there_with_the_same_bytes_is_done() {
    let place = Place::new();
    let first = place.derive(INPUT, &demo().bytes(), &rules()).unwrap();
    let again = place.derive(INPUT, &demo().bytes(), &rules()).unwrap();
    assert_eq!((first.new, again.new), (true, false));
    assert_eq!((first.record, place.wheels()), (again.record, vec![OUTPUT.to_owned()]));
}

#[test]
fn an_output_that_is_there_with_other_bytes_is_left_alone() {
    for content in [&b"other"[..], b""] {
        let place = Place::new();
        std::fs::write(place.out().join(OUTPUT), content).unwrap();
        let error = place.derive(INPUT, &demo().bytes(), &rules()).unwrap_err();
        assert!(matches!(error, DeriveError::Exists(_)), "{error}");
        assert_eq!(std::fs::read(place.out().join(OUTPUT)).unwrap(), content);
        assert_eq!(place.listing(), [OUTPUT]);
    }
}

#[test]
fn the_record_lies_beside_the_output_and_another_one_is_left_alone() {
    let place = Place::new();
    let first = place.derive(INPUT, &demo().bytes(), &rules()).unwrap();
    let beside = derive::record_path(&first.path);
    assert_eq!(derive::read_record(&beside).unwrap(), first.record);
    let mut by_an_older_program = first.record.clone();
    by_an_older_program.tool.version = "0.0.1".into();
    std::fs::write(&beside, by_an_older_program.to_bytes()).unwrap();
    assert!(!place.derive(INPUT, &demo().bytes(), &rules()).unwrap().new);
    assert_eq!(derive::read_record(&beside).unwrap(), by_an_older_program);
    std::fs::write(&beside, "{}").unwrap();
    let error = place.derive(INPUT, &demo().bytes(), &rules()).unwrap_err();
    assert!(matches!(&error, DeriveError::Exists(path) if *path == beside), "{error}");
    assert!(matches!(derive::read_record(&beside), Err(DeriveError::Record { .. })));
}

fn several(place: &Place) -> Vec<derive::Prepared> {
    let wheel = |python: &str| demo().tag(python, python, "linux_x86_64");
    let prepared = ["cp310", "cp312", "cp313", "cp314", "cp315"].map(|python| {
        let wheel = WheelBuilder::clone(&wheel(python));
        place.prepare(&wheel.file_name(), &wheel.bytes(), &rules()).expect("as the test has made it")
    });
    prepared.into()
}

#[test]
fn several_files_come_out_in_their_order() {
    let place = Place::new();
    let jobs = several(&place);
    let derived = derive::write(&jobs, &place.out(), &Options::default()).unwrap();
    let names = |of: &dyn Fn(usize) -> String| (0..jobs.len()).map(of).collect::<Vec<_>>();
    assert_eq!(
        names(&|index| derived[index].record.output.name.to_string()),
        names(&|index| jobs[index].output_name().to_string())
    );
    assert_eq!(place.wheels().len(), jobs.len());
}

#[test]
fn one_conflict_among_several_leaves_nothing() {
    let place = Place::new();
    let jobs = several(&place);
    let last = jobs[4].output_name().to_string();
    std::fs::write(place.out().join(&last), b"other").unwrap();
    let error = derive::write(&jobs, &place.out(), &Options::default()).unwrap_err();
    assert!(matches!(error, DeriveError::Exists(_)), "{error}");
    assert_eq!(place.listing(), [last]);
}

#[test]
fn one_that_fails_among_several_leaves_nothing() {
    let place = Place::new();
    let mut jobs = several(&place);
    let leftover = demo().file("demo/other.py", b"2.6.0+cu124");
    jobs.push(place.prepare(INPUT, &leftover.bytes(), &rules()).unwrap());
    let error = derive::write(&jobs, &place.out(), &Options::default()).unwrap_err();
    assert!(matches!(error, DeriveError::StillThere { .. }), "{error}");
    assert_eq!(place.listing(), Vec::<String>::new());
}

#[test]
fn two_files_that_would_become_one_are_refused() {
    let place = Place::new();
    let other = WheelBuilder::new("demo", "2.6.0+cpu").tag("cp311", "cp311", "linux_x86_64");
    let jobs = [
        place.prepare(INPUT, &demo().bytes(), &Rules { platform: None, ..rules() }).unwrap(),
        place.prepare(&other.file_name(), &other.bytes(), &Rules::new(version("2.6.0+cpu", "2.6.0"))).unwrap(),
    ];
    let error = derive::write(&jobs, &place.out(), &Options::default()).unwrap_err();
    assert!(matches!(error, DeriveError::SameOutput(_)), "{error}");
    assert_eq!(place.listing(), Vec::<String>::new());
}

#[test]
fn two_runs_at_once_agree() {
    let place = Place::new();
    let jobs = several(&place);
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let run = || derive::write(&jobs, &place.out(), &Options::default());
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
        runs.into_iter().map(|run| run.join().unwrap().unwrap()).collect()
    });
    let new = |index: usize| outcomes.iter().filter(|derived| derived[index].new).count();
    assert_eq!((0..jobs.len()).map(new).collect::<Vec<_>>(), vec![1; jobs.len()]);
    assert_eq!(place.wheels().len(), jobs.len());
}

#[test]
fn what_a_killed_run_left_is_removed_and_what_another_run_writes_is_not() {
    let place = Place::new();
    let (left, held) = (place.out().join(".trackside-derive-1-0.part"), place.out().join(".trackside-derive-1-1.part"));
    std::fs::write(&left, b"half").unwrap();
    let writer = File::create(&held).unwrap();
    writer.lock().unwrap();
    place.derive(INPUT, &demo().bytes(), &rules()).unwrap();
    assert_eq!(place.listing(), [".trackside-derive-1-1.part", OUTPUT, &format!("{OUTPUT}.derivation.json")]);
}

#[test]
fn a_folder_that_is_not_there_or_no_folder_is_an_error_of_writing() {
    let place = Place::new();
    let jobs = [place.prepare(INPUT, &demo().bytes(), &rules()).unwrap()];
    let failed = |folder: &Path| derive::write(&jobs, folder, &Options::default()).unwrap_err();
    assert!(matches!(failed(&place.out().join("gone")), DeriveError::Write { .. }));
    assert!(matches!(failed(&place.put("file", b"")), DeriveError::Write { .. }));
}

#[test]
fn a_folder_that_may_not_be_written_is_an_error_of_writing() {
    // The superuser may write anywhere but into the system's own tree.
    let place = Place::new();
    std::fs::set_permissions(place.out(), std::fs::Permissions::from_mode(0o555)).unwrap();
    let superuser = File::create(place.out().join("probe")).is_ok();
    let folder = if superuser { Path::new("/proc/self").to_owned() } else { place.out() };
    let jobs = [place.prepare(INPUT, &demo().bytes(), &rules()).unwrap()];
    let error = derive::write(&jobs, &folder, &Options::default()).unwrap_err();
    std::fs::set_permissions(place.out(), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert!(matches!(error, DeriveError::Write { .. }), "{error}");
}

#[test]
fn an_input_that_changed_since_it_was_read_is_refused() {
    let place = Place::new();
    let jobs = [place.prepare(INPUT, &demo().bytes(), &rules()).unwrap()];
    for content in [demo().file("demo/new.py", b"x").bytes(), demo().bytes()[..100].to_vec()] {
        place.put(INPUT, &content);
        let error = derive::write(&jobs, &place.out(), &Options::default()).unwrap_err();
        assert!(matches!(error, DeriveError::Input(ReadError::Changed { .. })), "{error}");
        assert!(matches!(jobs[0].stream(&mut Vec::new()), Err(DeriveError::Input(ReadError::Changed { .. }))));
        assert_eq!(place.listing(), Vec::<String>::new());
    }
}

/// Takes so many bytes, then fails as a full disk does.
struct Full(usize);

impl io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.min(bytes.len()) {
            0 => Err(io::Error::from(io::ErrorKind::StorageFull)),
            taken => {
                self.0 -= taken;
                Ok(taken)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_stream_that_takes_no_more_is_an_error_of_writing() {
    let place = Place::new();
    let prepared = place.prepare(INPUT, &demo().bytes(), &rules()).unwrap();
    for room in [0, 1, 1000, prepared.size() - 1] {
        let error = prepared.stream(&mut Full(usize::try_from(room).unwrap())).unwrap_err();
        assert!(matches!(error, DeriveError::Write { .. }), "{error}");
    }
    assert_eq!(prepared.stream(&mut Full(usize::try_from(prepared.size()).unwrap())).unwrap().size, prepared.size());
}
