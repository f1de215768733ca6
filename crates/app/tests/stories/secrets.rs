//! Tokens: they work, and they are seen nowhere.

use insta::assert_snapshot;
use trackside_testkit::http_git::{Server, serve};

use crate::common::World;

/// With signs that URLs and JSON write in another way.
const CANARY: &str = "ghp_CANARY+s3cr3t/toKEN=";

/// The train over HTTP with a password, and a `git` in the path that writes down its arguments.
fn over_http() -> (World, Server, String) {
    let world = World::train();
    let server = serve(world.path("git"), "x-access-token", CANARY).unwrap();
    for name in ["core", "builder", "vision"] {
        world.mend(&format!("../git/{name}.git"), &server.url(&format!("{name}.git")));
    }
    let variable = format!("TRACKSIDE_TOKEN_{}", server.host().replace(['.', ':'], "_"));
    let wrapper = world.path("bin/git");
    let script = format!(
        "#!/bin/sh\nprintf '%s\\n' \"$@\" >>'{}'\nPATH=${{PATH#*:}} exec git \"$@\"\n",
        world.path("argv").display()
    );
    world.write("bin/git", &script);
    std::fs::set_permissions(&wrapper, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    (world, server, variable)
}

/// The path with the recording git first.
fn path(world: &World) -> String {
    format!("{}:{}", world.path("bin").display(), std::env::var("PATH").unwrap())
}

/// The canary as it is, percent-encoded, and in base64 as a login or alone, at each of its three offsets.
fn forms() -> Vec<String> {
    let mut forms = vec![CANARY.to_owned(), CANARY.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")];
    for padding in 0..3 {
        let text = "x".repeat(padding) + CANARY;
        // The first and the last group depend on the neighbours.
        let encoded = base64(text.as_bytes());
        forms.push(encoded[4..encoded.len() - 4].to_owned());
    }
    forms.push(base64(format!("x-access-token:{CANARY}").as_bytes()));
    forms
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let number = (0..3).fold(0, |number, at| number << 8 | usize::from(group.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let digit = DIGITS[number >> (18 - 6 * at) & 63];
            text.push(if at <= group.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

/// No form of the canary is in a text.
fn clean(what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for form in forms() {
        assert!(!text.contains(&form), "{what} holds the token: {text}");
    }
}

/// No form of the canary is in any file of the world, of state and cache least of all.
fn clean_everywhere(world: &World) {
    let mut files = 0;
    world.each_file("", &mut |path| {
        files += 1;
        clean(&path.display().to_string(), &std::fs::read(path).unwrap());
    });
    assert!(files > 20 && world.path("argv").exists(), "{files} files");
}

#[test]
fn a_token_in_the_environment_works_and_is_seen_nowhere() {
    assert_eq!(base64(b"x-access-token:a"), "eC1hY2Nlc3MtdG9rZW46YQ==");
    let (world, _server, variable) = over_http();
    for arguments in
        ["cut 2.15 -v", "cut 2.15 --apply --format json", "candidate 2.15.0 --apply", "runs", "candidate 2.15.0 -v"]
    {
        let mut command = world.command(arguments.split_whitespace());
        let output = command.env(&variable, CANARY).env("PATH", path(&world)).output().unwrap();
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
        clean(arguments, &output.stdout);
        clean(arguments, &output.stderr);
    }
    assert!(world.repo("core").refs().unwrap().contains_key("refs/tags/v2.15.0-rc1"));
    clean_everywhere(&world);
}

#[test]
fn a_wrong_token_is_refused_and_named_by_its_variable_only() {
    let (world, _server, variable) = over_http();
    let wrong = format!("{CANARY}x");
    let mut command = world.command(["cut", "2.15", "--apply"]);
    let output = command.env(&variable, &wrong).env("PATH", path(&world)).output().unwrap();
    clean("stderr", &output.stderr);
    clean("stdout", &output.stdout);
    clean_everywhere(&world);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains(&variable), "{said}");
    assert_eq!(output.status.code(), Some(1), "{said}");
}

#[test]
fn without_a_token_the_variable_is_named() {
    let (world, _server, variable) = over_http();
    let output = world.command(["cut", "2.15"]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains(&variable), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_url_with_a_password_is_refused_and_not_repeated() {
    let world = World::train();
    world.mend("../git/core.git", "https://robot:hunter2canary@example.org/core.git");
    let ran = world.stops(2, "cut 2.15");
    assert!(!ran.to_string().contains("hunter2canary"), "{ran}");
    assert_snapshot!(ran, @"
    | error: trackside.toml:18:7: this git URL is refused: it holds a user name or a secret; give the token in the environment
    |   next: mend these and: trackside check
    exit 2
    ");
}

#[test]
fn a_command_edit_sees_no_credentials() {
    let world = World::train();
    world.mend("version = { file = \"version.txt\" }\n\n[[repositories.core.edits]]", "version = { file = \"version.txt\" }\ncommands = true\n\n[[repositories.core.edits]]\nkind = \"command\"\nrun = [\"sh\", \"-c\", \"env > seen.txt\"]\n\n[[repositories.core.edits]]");
    let names = ["GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "ANACONDA_API_TOKEN", "TRACKSIDE_TOKEN_EXAMPLE_ORG"];
    let variables = names.map(|name| (name, CANARY));
    let ran = world.run_with("cut 2.15 --only core --apply", &variables);
    assert_eq!(ran.code, Some(0), "{ran}");
    let seen = world.repo("core").file("release/2.15", "seen.txt").unwrap();
    clean("the command", seen.as_bytes());
    assert!(seen.contains("PATH="), "{seen}");
}
