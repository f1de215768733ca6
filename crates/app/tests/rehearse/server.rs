//! The story with its stores and its state on a server: the same release, on S3 and on Azure.

use std::process::{Command, Output};

use tempfile::TempDir;
use trackside_testkit::servers::Server;

use crate::s3s::S3s;
use crate::{last_line, told, tools};

/// The story with everything below `place` of a server.
fn story(server: &Server, place: &str) -> Output {
    story_at(&server.url(place), server.credentials())
}

fn story_at(url: &str, credentials: Vec<(&'static str, String)>) -> Output {
    let home = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_trackside"));
    command.env_clear().env("HOME", home.path()).env("PATH", std::env::var_os("PATH").unwrap());
    command.env("TRACKSIDE_TOOLS", tools()).envs(credentials);
    command.args(["rehearse", "--dir", "story", "--store", url]).current_dir(home.path());
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

#[test]
fn the_story_is_played_on_a_server_that_checks_signatures() {
    let server = S3s::start();
    server.create_bucket("release");
    let url = format!("s3://release/rehearsal?endpoint=http://{}&region=us-east-1", server.address());
    let keys = |secret: &str| {
        vec![("AWS_ACCESS_KEY_ID", S3s::KEY_ID.to_owned()), ("AWS_SECRET_ACCESS_KEY", secret.to_owned())]
    };
    let refused = story_at(&url, keys("not-the-key"));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    insta::assert_snapshot!(said.replace(&server.address().to_string(), "[HOST]"), @"error: cannot open s3://release/rehearsal?endpoint=http://[HOST]&region=us-east-1: the credentials do not allow it: SignatureDoesNotMatch");
    let told = told(&story_at(&url, keys(S3s::KEY)));
    insta::assert_snapshot!(last_line(&told), @"installed torch 2.15.0 with pip from http://127.0.0.1:PORT/whl/cpu/");
}
