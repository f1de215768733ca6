//! moto, the Python world's model of AWS, as a server of S3.

use std::io;
use std::net::SocketAddr;
use std::process::Command;

use super::http::succeed;
use super::process::{Process, start as start_process};
use super::tools::tool;

/// Starts it. Its buckets are in memory.
pub(super) fn start() -> io::Result<Process> {
    let mut command = Command::new(tool("py/bin/moto_server")?);
    command.args(["-H", "127.0.0.1", "-p", "0"]).env("HOME", "/").env("PYTHONUNBUFFERED", "1");
    start_process(&command)
}

pub(super) fn create_bucket(address: SocketAddr, name: &str) -> io::Result<()> {
    succeed(address, &format!("PUT /{name}"), &[], b"")
}

pub(super) fn create_public_bucket(address: SocketAddr, name: &str) -> io::Result<()> {
    create_bucket(address, name)?;
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::{name}/*"}}]}}"#
    );
    succeed(address, &format!("PUT /{name}?policy"), &[], policy.as_bytes())
}
