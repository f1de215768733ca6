//! What a store refuses: each guard, firing.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::Path;

use rustix::fs::{FileType, Mode};
use trackside_effects::store::{Access, Created, ServerFault, Source, Store, StoreError, Stores, Target};

use crate::child::{Job, answer, command, new_bytes, this_program};
use crate::scratch::{Scratch, create, key, listing, read, replace, told};

/// Every operation on `at`, by name, and how each one ends.
fn everything(store: &Store, at: &str) -> Vec<(&'static str, Result<(), StoreError>)> {
    let at_key = key(at);
    vec![
        ("head", store.head(&at_key).map(drop)),
        ("read", store.read_if_present(&at_key, 100).map(drop)),
        ("digest", store.digest(&at_key).map(drop)),
        ("list", store.list(&at_key).map(drop)),
        ("list_all", store.list_all().map(drop)),
        ("create", create(store, at, b"x").map(drop)),
        ("replace nothing", replace(store, at, None, b"x")),
        ("replace something", replace(store, at, Some(b"y"), b"x")),
    ]
}

#[test]
fn a_store_that_is_not_there_is_not_an_empty_store() {
    let scratch = Scratch::new();
    let unreachable = |result: Result<(), StoreError>| matches!(result, Err(StoreError::Unreachable { .. }));
    std::fs::write(scratch.path("file"), b"").unwrap();
    for name in ["none", "none/deeper", "file", "file/deeper"] {
        for access in [Access::Read, Access::Write] {
            assert!(unreachable(Stores::default().open(&scratch.url(name), access).map(drop)), "{name}");
        }
    }
    let store = scratch.store("s");
    assert_eq!(create(&store, "a/b", b"x").unwrap(), Created::New);
    std::fs::remove_dir_all(scratch.path("s")).unwrap();
    for at in ["a/b", "a/c", "a"] {
        for (operation, result) in everything(&store, at) {
            assert!(unreachable(result), "{operation} {at}");
        }
    }
    assert!(!scratch.path("s").exists());
}

#[test]
fn a_server_that_cannot_be_reached_is_no_empty_store() {
    // Nobody listens on port 1.
    let url = "s3://pytorch?endpoint=http%3A%2F%2F127.0.0.1%3A1".parse().unwrap();
    for open in [Stores::open, Stores::init] {
        let environment = [("AWS_ACCESS_KEY_ID", "k"), ("AWS_SECRET_ACCESS_KEY", "s")];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let error = open(&Stores::new(environment.into()), &url, Access::Read).map(drop).unwrap_err();
        assert!(matches!(error, StoreError::Server { fault: ServerFault::Transient, .. }), "{error}");
    }
}

#[test]
fn what_was_opened_for_reading_writes_nothing() {
    let scratch = Scratch::new();
    drop(scratch.store("s"));
    let store = Stores::default().open(&scratch.url("s"), Access::Read).unwrap();
    for (operation, result) in everything(&store, "x") {
        let writes = operation.starts_with("create") || operation.starts_with("replace");
        assert_eq!(matches!(result, Err(StoreError::OpenedForReading(_))), writes, "{operation}: {result:?}");
    }
    assert_eq!(std::fs::read_dir(scratch.path("s")).unwrap().count(), 0);
}

#[test]
fn symbolic_links_pipes_and_misplaced_files_are_named_and_not_followed() {
    let scratch = Scratch::new();
    let store = scratch.store("s");
    std::fs::create_dir(scratch.path("outside")).unwrap();
    std::fs::write(scratch.path("outside/secret"), b"secret").unwrap();
    for (at, make, what) in [
        ("link/secret", "link", "a symbolic link"),
        ("secret", "secret", "a symbolic link"),
        ("dangling", "dangling", "a symbolic link"),
        ("object/below", "object", "an object where a folder should be"),
        ("pipe", "pipe", "a device, a pipe or a socket"),
        ("pipe/below", "pipe", "a device, a pipe or a socket"),
    ] {
        let path = scratch.path("s").join(make);
        match make {
            "link" => symlink(scratch.path("outside"), &path).unwrap(),
            "secret" => symlink(scratch.path("outside/secret"), &path).unwrap(),
            "dangling" => symlink(scratch.path("outside/new"), &path).unwrap(),
            "object" => std::fs::write(&path, b"").unwrap(),
            _ => make_pipe(&path),
        }
        for (operation, result) in everything(&store, at) {
            if operation == "list_all" && make == "object" {
                continue;
            }
            match result {
                Err(StoreError::Irregular { what: found, .. }) => assert_eq!(found, what, "{operation} {at}"),
                other => panic!("{operation} {at}: {other:?}"),
            }
        }
        std::fs::remove_file(&path).unwrap();
    }
    assert_eq!(std::fs::read_dir(scratch.path("outside")).unwrap().count(), 1);
    assert_eq!(std::fs::read(scratch.path("outside/secret")).unwrap(), b"secret");
}

fn make_pipe(path: &Path) {
    rustix::fs::mknodat(rustix::fs::CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

#[test]
fn a_folder_in_the_place_of_an_object_is_not_its_absence() {
    let scratch = Scratch::new();
    let store = scratch.store("s");
    assert_eq!(create(&store, "a/b", b"x").unwrap(), Created::New);
    let irregular = |result: Result<(), StoreError>| matches!(result, Err(StoreError::Irregular { .. }));
    for (operation, result) in everything(&store, "a") {
        assert_eq!(irregular(result), !operation.starts_with("list"), "{operation}");
    }
    assert_eq!(listing(&store), "   1 a/b");
}

#[test]
fn a_file_whose_name_no_key_can_have_is_not_passed_over() {
    let scratch = Scratch::new();
    let store = scratch.store("s");
    std::fs::write(scratch.path("s").join("a\nb"), b"").unwrap();
    assert!(matches!(store.list_all(), Err(StoreError::Irregular { .. })));
}

#[test]
fn a_file_that_cannot_be_read_is_told_apart_from_one_that_has_changed() {
    let scratch = Scratch::new();
    let store = scratch.store("s");
    let content = trackside_domain::store::Fingerprint::of(b"x");
    let path = scratch.path("");
    let error = store.create(Target::new(&key("x")), Source::File { path: &path, content }, &mut |_| {}).unwrap_err();
    assert!(matches!(error, StoreError::SourceUnreadable { .. }), "{error:?}");
}

/// The rights of a folder do not bind root, who runs the tests in many a container: the writer is made a
/// process of another user.
#[test]
fn a_store_that_this_user_may_not_write_is_denied_for_good() {
    let scratch = Scratch::new();
    let store = scratch.store("s");
    replace(&store, "x/page", None, b"old").unwrap();
    assert_eq!(create(&store, "x/origin", &new_bytes(5)).unwrap(), Created::New);
    let program = scratch.path("program");
    std::fs::copy(this_program(), &program).unwrap();
    let set = |path: &str, mode| std::fs::set_permissions(scratch.path(path), PermissionsExt::from_mode(mode)).unwrap();
    for (path, mode) in [("", 0o755), ("program", 0o755), ("s/.trackside-tmp", 0o555), ("s/x", 0o555), ("s", 0o555)] {
        set(path, mode);
    }
    for job in [
        Job::Create { size: 5, die_at: None },
        Job::Replace { size: 5, die_at: None },
        Job::Copy { size: 5, die_at: None },
    ] {
        let mut command = command(&program, &scratch.path("s"), job);
        if rustix::process::geteuid().is_root() {
            command.uid(65534).gid(65534);
        }
        let answer = answer(&command.output().unwrap());
        assert!(answer.starts_with("Denied"), "{job:?}: {answer}");
    }
    for path in ["s", "s/x", "s/.trackside-tmp"] {
        set(path, 0o755);
    }
    assert_eq!(listing(&store), "   5 x/origin\n   3 x/page");
}

/// A limit of file sizes stands for a full disk: writing fails in the middle in the same way.
#[test]
fn a_disk_without_space_is_told_and_nothing_is_left_on_it() {
    let scratch = Scratch::new();
    let store = scratch.store("s");
    let size = 5_000_000;
    replace(&store, "x/page", None, b"old").unwrap();
    assert_eq!(create(&store, "x/origin", &new_bytes(size)).unwrap(), Created::New);
    let before = listing(&store);
    for job in
        [Job::Create { size, die_at: None }, Job::Replace { size, die_at: None }, Job::Copy { size, die_at: None }]
    {
        let limited = with_file_size_limit(&command(&this_program(), &scratch.path("s"), job)).output().unwrap();
        let answer = answer(&limited);
        assert!(answer.starts_with("NoSpace"), "{job:?}: {answer}");
        assert_eq!(listing(&store), before);
        assert_eq!(read(&store, "x/page"), b"old");
        assert_eq!(scratch.unfinished("s"), [""; 0]);
    }
}

/// The same command below a shell that limits files to 1 MiB (of which a shell counts blocks of 512 or 1024
/// bytes) and ignores the signal that would kill the process.
#[expect(clippy::disallowed_methods, reason = "only a shell can set the limit of a process that it becomes")]
fn with_file_size_limit(inner: &std::process::Command) -> std::process::Command {
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "trap '' XFSZ && ulimit -f 2048 && exec \"$0\" \"$@\""]);
    command.arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

#[test]
fn errors_name_the_thing_and_end_in_the_answer_of_the_system() {
    let scratch = Scratch::new();
    let store = scratch.store("s");
    let plain = |error: StoreError| told(&error).replace(scratch.path("").to_str().unwrap(), "/SCRATCH/");
    assert_eq!(create(&store, "a/b+1", b"x").unwrap(), Created::New);
    std::fs::write(scratch.path("s/c"), b"").unwrap();
    let errors = [
        Stores::default().open(&scratch.url("none"), Access::Read).map(drop).unwrap_err(),
        store.read(&key("none"), 1).map(drop).unwrap_err(),
        store.read(&key("a/b+1"), 0).map(drop).unwrap_err(),
        create(&store, "a/b+1", b"y").map(drop).unwrap_err(),
        replace(&store, "a/b+1", None, b"y").unwrap_err(),
        create(&store, "c/d", b"y").map(drop).unwrap_err(),
    ];
    insta::assert_snapshot!(errors.map(plain).join("\n"), @r"
    the store file:///SCRATCH/none cannot be reached: No such file or directory (os error 2)
    there is no `none` in file:///SCRATCH/s
    `a/b+1` in file:///SCRATCH/s has 1 bytes; at most 0 are read
    `a/b+1` in file:///SCRATCH/s exists with other bytes: found sha256 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881 (1 bytes), wanted sha256 a1fce4363854ff888cff4b8e7875d600c2682390412a8cf79b37d0b11148b0fa (1 bytes)
    `a/b+1` in file:///SCRATCH/s has changed: expected nothing, found sha256 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881
    /SCRATCH/s/c is an object where a folder should be; a store has only plain files in plain folders
    ");
}
