//! The story with its stores and its state on a server: the same release, on S3 and on Azure.

use std::process::Command;

use tempfile::TempDir;
use trackside_testkit::servers::Server;

use crate::{last_line, told, tools};

/// The story with everything below `place` of a server.
fn story(server: &Server, place: &str) -> std::process::Output {
    let home = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_trackside"));
    command.env_clear().env("HOME", home.path()).env("PATH", std::env::var_os("PATH").unwrap());
    command.env("TRACKSIDE_TOOLS", tools()).envs(server.credentials());
    command.args(["rehearse", "--dir", "story", "--store", &server.url(place)]).current_dir(home.path());
    command.output().unwrap()
}

#[test]
fn the_story_is_played_on_s3() {
    let server = Server::moto().unwrap();
    server.create_bucket("release").unwrap();
    let told = told(&story(&server, "release/rehearsal"));
    insta::assert_snapshot!(last_line(&told), @"installed torch 2.15.0 with pip from http://127.0.0.1:PORT/whl/cpu/");
    assert!(told.contains("its stores and its state are below s3://release/rehearsal?"), "{told}");
    let again = story(&server, "release/rehearsal");
    assert_eq!(again.status.code(), Some(2), "what is there is never written over");
    assert!(String::from_utf8_lossy(&again.stderr).contains("a rehearsal never writes over anything"));
}

#[test]
fn the_story_is_played_on_azure() {
    let server = Server::azurite().unwrap();
    server.create_bucket("release").unwrap();
    let told = told(&story(&server, "release/rehearsal"));
    insta::assert_snapshot!(last_line(&told), @"installed torch 2.15.0 with pip from http://127.0.0.1:PORT/whl/cpu/");
}

#[test]
fn a_bucket_that_is_not_there_is_named() {
    let server = Server::moto().unwrap();
    let refused = story(&server, "nowhere");
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("cannot open s3://nowhere") && said.contains("there is no such bucket"), "{said}");
}
