//! `--format json`: one document on stdout for every command, also when it stops.

use serde_json::Value;

use crate::common::World;

/// The one document that a command prints.
fn document(world: &World, arguments: &str) -> Value {
    let output = world.command(arguments.split_whitespace()).args(["--format", "json"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{arguments}: {error}: {text}"));
    let schema = value["schema"].as_str().unwrap_or_else(|| panic!("{arguments}: {value:#}"));
    let (kind, version) = schema.strip_prefix("trackside.").unwrap().split_once('/').unwrap();
    assert!(value.get(kind).is_some() && version.parse::<u32>().is_ok(), "{arguments}: {value:#}");
    assert_eq!(value.as_object().unwrap().len(), 2, "{arguments}: {value:#}");
    if kind == "failure" {
        assert_eq!(value["failure"]["exit"], output.status.code().unwrap(), "{arguments}: {value:#}");
    } else {
        assert_eq!(output.status.code(), Some(0), "{arguments}: {value:#}");
    }
    value
}

/// The kind of the document.
fn kind(world: &World, arguments: &str) -> String {
    let value = document(world, arguments);
    value["schema"].as_str().unwrap().trim_start_matches("trackside.").trim_end_matches("/1").to_owned()
}

#[test]
fn every_command_answers_with_one_document() {
    let world = World::train();
    for (arguments, wanted) in [
        ("check", "check"),
        ("check --matrix", "check"),
        ("schema", "json-schema"),
        ("man", "man"),
        ("completions bash", "completions"),
        ("artifact codes", "artifact-codes"),
        ("runs", "runs"),
        ("status", "status"),
        ("init ../elsewhere", "init"),
        ("cut 2.15", "plan"),
        ("cut 2.15 --apply", "run"),
        ("cut 2.15 --apply", "nothing"),
        ("candidate 2.15.0 --apply", "run"),
        ("runs", "runs"),
        ("status 2.15", "status"),
    ] {
        assert_eq!(kind(&world, arguments), wanted, "{arguments}");
    }
    world.build_all("2.15.0", "0.30.0");
    assert_eq!(kind(&world, "stage 2.15.0-rc1 --from ../dist --apply"), "run");
    world.verify("2.15.0-rc1");
    let plan = world.plan("promote 2.15.0");
    for (arguments, wanted) in [
        (format!("show {plan}"), "plan"),
        (format!("apply {plan}"), "run"),
        (format!("apply {plan}"), "nothing"),
        (format!("resume {plan}"), "nothing"),
        (format!("withdraw {plan} --reason late"), "nothing"),
    ] {
        assert_eq!(kind(&world, &arguments), wanted, "{arguments}");
    }
}

#[test]
fn every_stop_is_one_document_with_its_exit_code() {
    let world = World::train();
    for (arguments, exit) in [
        ("cut 2.15 --only nothing", 2),
        ("cut 2.15 --release-version 9.9.9", 2),
        ("candidate 2.15.9", 1),
        ("candidate 2.15.0", 3),
        ("stage 2.15.0-rc1 --from ../dist", 3),
        ("promote 2.15.0", 3),
        ("show ffff", 2),
        ("apply ffff", 2),
        ("resume", 2),
        ("withdraw ffff --reason r", 2),
        ("check --config ../nowhere", 2),
    ] {
        let value = document(&world, arguments);
        assert_eq!(value["failure"]["exit"], exit, "{arguments}: {value:#}");
        assert!(!value["failure"]["message"].as_str().unwrap().is_empty(), "{arguments}: {value:#}");
    }
    world.repo("core").refuse_refs(&["refs/heads/release/2.15"]).unwrap();
    let value = document(&world, "cut 2.15 --apply");
    assert_eq!(value["failure"]["code"], "failed");
    assert!(value["failure"]["next"].as_str().unwrap().contains("trackside resume"), "{value:#}");
    assert_eq!(value["failure"]["so_far"].as_array().unwrap().len(), 7, "{value:#}");
}

#[test]
fn answers_go_to_stdout_and_talk_to_stderr_and_quiet_is_quiet() {
    let world = World::train();
    let ran = world.ok("cut 2.15 --apply -q");
    assert_eq!((ran.stderr.as_str(), ran.stdout.as_str()), ("", "done: 7 steps, 7 effects, run [ID]\n"));
    let ran = world.ok("candidate 2.15.0 --format json --apply");
    assert!(ran.stdout.starts_with('{') && ran.stderr.contains("[1/3]"), "{ran}");
}

#[test]
fn colours_only_where_they_are_wanted() {
    let world = World::empty();
    let output = |arguments: &str| world.command(arguments.split_whitespace()).output().unwrap().stderr;
    assert!(!output("check").contains(&0x1b));
    assert!(output("check --color always").contains(&0x1b));
    assert!(!output("check --color never").contains(&0x1b));
}

#[test]
fn a_command_line_that_cannot_be_read_is_a_document_too() {
    let world = World::train();
    for arguments in ["cut 2.15.0", "candidate v2.15.0", "pick land abc --onto 2.15", "nonsense", "serve --channel zz"]
    {
        let value = document(&world, arguments);
        assert_eq!(value["failure"]["exit"], 2, "{arguments}: {value:#}");
    }
}

#[test]
fn an_answer_that_cannot_be_written_is_not_success() {
    let world = World::train();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let status = world.command(["status"]).stdout(full).status().unwrap();
    assert_eq!(status.code(), Some(7));
}
