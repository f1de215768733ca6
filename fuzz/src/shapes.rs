//! Archives built as the fuzzer's bytes say: sound in what a mutation of raw bytes would hardly ever
//! keep sound (checksums, lengths, positions), wrong where the bytes ask for it.

use trackside_testkit::wheel::{ZipBuilder, ZipEntry, ZipHeader, record_line};

use crate::input::Input;

/// A zip whose members, headers and gaps the bytes choose.
pub fn zip(input: &mut Input<'_>) -> Vec<u8> {
    let mut zip = ZipBuilder::new();
    zip.zip64 = input.byte() & 7 == 1;
    while input.has_more() && zip.entries.len() < 12 {
        let entry = entry(input);
        zip.entries.push(entry);
        if input.byte() & 15 == 1 {
            match input.byte() & 3 {
                0 => zip.gap = input.piece().to_vec(),
                1 => zip.comment = input.piece().to_vec(),
                2 => zip.suffix = input.piece().to_vec(),
                _ => zip.prefix = input.piece().to_vec(),
            }
        }
    }
    let mut bytes = zip.bytes();
    // A few bytes anywhere, so that the end records are reached too.
    for _ in 0..input.byte() & 3 {
        let at = usize::try_from(input.number()).unwrap_or(0);
        let length = bytes.len().max(1);
        if let Some(byte) = bytes.get_mut(length - 1 - at % length) {
            *byte ^= input.byte();
        }
    }
    bytes
}

fn entry(input: &mut Input<'_>) -> ZipEntry {
    let (form, name, content) = (input.byte(), input.piece(), input.piece());
    let mut entry = match form & 3 {
        0 => ZipEntry::stored(name, content),
        1 => ZipEntry::deflated(name, content),
        2 => raw_deflate(name, content),
        _ => ZipEntry::deflated(name, &content.repeat(1 + usize::from(input.byte()))),
    };
    for _ in 0..form >> 6 {
        match input.byte() % 12 {
            0 => header(&mut entry.local, input),
            1 => header(&mut entry.central, input),
            2 => {
                let [mut local, mut central] = [entry.local.clone(), entry.central.clone()];
                let mut same = Input(input.0);
                header(&mut local, input);
                header(&mut central, &mut same);
                (entry.local, entry.central) = (local, central);
            }
            3 => entry.external_attributes = u32::from(input.short()) << 16 | u32::from(input.byte()),
            4 => entry.comment = input.piece().to_vec(),
            5 => entry.disk = input.short(),
            6 => entry.gap = input.piece().to_vec(),
            7 => entry.header_offset = Some(input.number()),
            8 => entry.has_local = false,
            9 => entry.has_central = false,
            10 => entry.data.extend(input.piece()),
            _ => entry.data.truncate(usize::from(input.byte())),
        }
    }
    entry
}

/// A member whose bytes are taken for a deflate stream; if they are one, the headers are right.
fn raw_deflate(name: &[u8], stream: &[u8]) -> ZipEntry {
    let mut content = Vec::new();
    let mut decoder = flate2::Decompress::new(false);
    content.reserve(1 << 16);
    // A corrupt stream leaves what came before, which is as good as any.
    let ended = decoder.decompress_vec(stream, &mut content, flate2::FlushDecompress::Finish);
    drop(ended);
    let mut entry = ZipEntry::stored(name, &content).with(|header| {
        header.method = 8;
        header.compressed = stream.len() as u64;
    });
    entry.data = stream.to_vec();
    entry
}

fn header(header: &mut ZipHeader, input: &mut Input<'_>) {
    match input.byte() & 7 {
        0 => header.name = input.piece().to_vec(),
        1 => header.flags = input.short(),
        2 => header.method = input.short(),
        3 => header.crc ^= u32::from(input.byte()),
        4 => header.compressed = input.number(),
        5 => header.size = input.number(),
        6 => header.extra = input.piece().to_vec(),
        _ => header.zip64 = !header.zip64,
    }
}

/// Puts the right checksum into every tar header, as far as the sizes lead.
pub fn with_checksums(tar: &mut [u8]) {
    let mut at = 0_usize;
    while let Some(block) = tar.get_mut(at..at + 512) {
        if block.iter().any(|byte| *byte != 0) {
            block[148..156].fill(b' ');
            let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
        let digits = std::str::from_utf8(&block[124..135]).unwrap_or("").trim_matches(['\0', ' ']);
        let size = usize::from_str_radix(digits, 8).unwrap_or(0);
        let Some(next) = size.checked_next_multiple_of(512).and_then(|size| at.checked_add(size + 512)) else {
            return;
        };
        at = next;
    }
}

/// A wheel of these files with a RECORD that lists them.
pub fn wheel(files: &[(&str, &[u8])]) -> Vec<u8> {
    let folder = "demo-1.0.dist-info";
    let mut all: Vec<(String, &[u8])> = files.iter().map(|(path, content)| ((*path).to_owned(), *content)).collect();
    for (name, content) in [
        ("METADATA", &b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"[..]),
        ("WHEEL", b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
    ] {
        let path = format!("{folder}/{name}");
        if !all.iter().any(|(other, _)| *other == path) {
            all.push((path, content));
        }
    }
    let lines: String = all.iter().map(|(path, content)| record_line(path, content)).collect();
    let record = format!("{lines}{folder}/RECORD,,\n");
    let zip = all.iter().fold(ZipBuilder::new(), |zip, (path, content)| zip.stored(path, content));
    zip.stored(format!("{folder}/RECORD"), record.as_bytes()).bytes()
}
