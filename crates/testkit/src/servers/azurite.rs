//! Azurite, Microsoft's emulator of Azure Blob Storage.

use std::io;
use std::net::SocketAddr;
use std::process::Command;

use sha2::{Digest as _, Sha256};

use super::http::succeed;
use super::process::{Process, start as start_process};
use super::tools::tool;

/// The account of the emulator, made for the test.
pub(super) const ACCOUNT: &str = "teststore";
/// Its key: the bytes `test key` in base64. It opens nothing but the emulator.
pub(super) const KEY: &str = "dGVzdCBrZXk=";
const KEY_BYTES: &[u8] = b"test key";

/// Who may read what is in a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Readers {
    /// Who has the key.
    Owner,
    /// Everybody.
    Everybody,
}

/// Starts it. Its containers are in memory.
pub(super) fn start() -> io::Result<Process> {
    let mut command = Command::new("node");
    command.arg(tool("npm/node_modules/azurite/dist/src/blob/main.js")?);
    command.args(["--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence"]);
    command.args(["--skipApiVersionCheck", "--disableTelemetry", "--silent"]);
    command.env("HOME", "/").env("AZURITE_ACCOUNTS", format!("{ACCOUNT}:{KEY}"));
    start_process(&command)
}

/// Makes a container, with a request signed as "Authorize with Shared Key" of Azure's reference says.
pub(super) fn create_container(address: SocketAddr, name: &str, readers: Readers) -> io::Result<()> {
    let mut headers = vec![];
    if readers == Readers::Everybody {
        headers.push(("x-ms-blob-public-access", "container"));
    }
    headers.extend([("x-ms-date", "Mon, 02 Jun 2025 10:00:00 GMT"), ("x-ms-version", "2021-12-02")]);
    let signed: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    // Twelve lines of standard headers, all of them empty.
    let text = format!("PUT{}{signed}/{ACCOUNT}/{ACCOUNT}/{name}\nrestype:container", "\n".repeat(12));
    let authorization = format!("SharedKey {ACCOUNT}:{}", base64(&hmac(KEY_BYTES, text.as_bytes())));
    headers.push(("Authorization", &authorization));
    succeed(address, &format!("PUT /{ACCOUNT}/{name}?restype=container"), &headers, b"")
}

/// HMAC with SHA-256 (RFC 2104) for keys of at most 64 bytes.
fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let pad = |with: u8| -> Vec<u8> { (0..64).map(|index| key.get(index).unwrap_or(&0) ^ with).collect() };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().chain([&0; 2]).take(3).fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        for digit in 0..4 {
            let index = (bits >> (18 - 6 * digit)) & 63;
            text.push(if digit > three.len() { '=' } else { char::from(DIGITS[index as usize]) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_what_the_standards_say() {
        // RFC 4231, test case 2.
        let code = hmac(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(base64(&code), "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("test key", KEY)] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(KEY_BYTES, b"test key");
    }
}
