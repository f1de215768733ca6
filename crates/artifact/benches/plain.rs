//! The yardstick of `verify`: every member of a zip inflated and hashed, one after another, and
//! nothing checked. `cargo bench -p trackside-artifact --bench plain -- FILE` prints the seconds.
//!
//! It has its own little reader of the directory, so that it stays the same when ours changes.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::time::Instant;

use flate2::read::DeflateDecoder;
use sha2::Digest as _;

#[allow(clippy::disallowed_methods, reason = "a yardstick measures time")]
fn main() -> io::Result<()> {
    let Some(path) = std::env::args().skip(1).find(|word| !word.starts_with("--")) else {
        return writeln!(io::stdout(), "usage: plain FILE");
    };
    let begun = Instant::now();
    let bytes = inflate_and_hash(Path::new(&path))?;
    let seconds = begun.elapsed().as_secs_f64();
    writeln!(io::stdout(), "{seconds:.3} s for {bytes} unpacked bytes")
}

fn inflate_and_hash(path: &Path) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let mut unpacked = 0;
    for (offset, compressed, deflated) in members(&mut file)? {
        file.seek(SeekFrom::Start(offset))?;
        let mut header = [0; 30];
        file.read_exact(&mut header)?;
        let names = i64::from(u16_at(&header, 26)) + i64::from(u16_at(&header, 28));
        file.seek_relative(names)?;
        let data = BufReader::with_capacity(256 << 10, &file).take(compressed);
        unpacked += if deflated { hash(DeflateDecoder::new(data))? } else { hash(data)? };
    }
    Ok(unpacked)
}

fn hash(mut data: impl Read) -> io::Result<u64> {
    let mut hasher = sha2::Sha256::new();
    let mut buffer = vec![0; 256 << 10];
    let mut bytes = 0;
    loop {
        let length = data.read(&mut buffer)?;
        if length == 0 {
            std::hint::black_box(hasher.finalize());
            return Ok(bytes);
        }
        hasher.update(&buffer[..length]);
        bytes += length as u64;
    }
}

/// Offset, compressed size and method of each member of a good zip without zip64.
fn members(file: &mut File) -> io::Result<Vec<(u64, u64, bool)>> {
    file.seek(SeekFrom::End(-22))?;
    let mut end = [0; 22];
    file.read_exact(&mut end)?;
    file.seek(SeekFrom::Start(u32_at(&end, 16).into()))?;
    let mut directory = vec![0; u32_at(&end, 12) as usize];
    file.read_exact(&mut directory)?;
    let mut found = Vec::new();
    let mut rest = &directory[..];
    while rest.len() >= 46 {
        found.push((u32_at(rest, 42).into(), u32_at(rest, 20).into(), u16_at(rest, 10) == 8));
        let variable = [28, 30, 32].map(|at| usize::from(u16_at(rest, at))).iter().sum::<usize>();
        rest = &rest[46 + variable..];
    }
    Ok(found)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
