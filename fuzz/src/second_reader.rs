//! Two naive readers of a zip: one believes the central directory, one walks the local headers from
//! the first byte. On everything that trackside accepts they must see the same members and contents.

use std::io::Read as _;

/// A member as one reader sees it: name and content.
pub type Seen = (Vec<u8>, Vec<u8>);

/// What a reader sees that starts at the end, as installers do.
pub fn by_directory(file: &[u8]) -> Vec<Seen> {
    let end = file.windows(4).rposition(|window| window == b"PK\x05\x06").expect("an end record");
    let (mut count, mut at) = (u64::from(short(file, end + 10)), u64::from(long(file, end + 16)));
    if end >= 76 && file[end - 20..].starts_with(b"PK\x06\x07") {
        count = wide(file, end - 76 + 32);
        at = wide(file, end - 76 + 48);
    }
    let mut at = usize::try_from(at).expect("a position in the file");
    let mut seen = Vec::new();
    for _ in 0..count {
        let [name, extra, comment] = [28, 30, 32].map(|field| usize::from(short(file, at + field)));
        let extras = &file[at + 46 + name..at + 46 + name + extra];
        let [compressed, size, offset] =
            widened(extras, [24, 20, 42].map(|field| long(file, at + field)), true).map(to_usize);
        // The field order in the extra is size, compressed, offset.
        let (compressed, size) = (size, compressed);
        let data = offset + 30 + usize::from(short(file, offset + 26)) + usize::from(short(file, offset + 28));
        let content = unpacked(short(file, at + 10), &file[data..data + compressed], size);
        seen.push((file[at + 46..at + 46 + name].to_vec(), content));
        at += 46 + name + extra + comment;
    }
    seen
}

/// What a reader sees that streams.
pub fn by_walking(file: &[u8]) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut at = 0;
    while file[at..].starts_with(b"PK\x03\x04") {
        let [name, extra] = [26, 28].map(|field| usize::from(short(file, at + field)));
        let extras = &file[at + 30 + name..at + 30 + name + extra];
        let [size, compressed, _] = widened(extras, [long(file, at + 22), long(file, at + 18), 0], false).map(to_usize);
        let data = at + 30 + name + extra;
        let content = unpacked(short(file, at + 8), &file[data..data + compressed], size);
        seen.push((file[at + 30..at + 30 + name].to_vec(), content));
        at = data + compressed;
    }
    assert!(file[at..].starts_with(b"PK\x01\x02") || seen.is_empty(), "the walk ends before the directory");
    seen
}

/// Size, compressed size and offset, from a zip64 field where they are marked.
fn widened(mut extras: &[u8], narrow: [u32; 3], has_offset: bool) -> [u64; 3] {
    let mut values = narrow.map(u64::from);
    while extras.len() >= 4 {
        let length = usize::from(short(extras, 2));
        if short(extras, 0) == 1 {
            let mut field = 4;
            for value in values.iter_mut().take(if has_offset { 3 } else { 2 }) {
                if *value == u64::from(u32::MAX) {
                    *value = wide(extras, field);
                    field += 8;
                }
            }
        }
        extras = &extras[4 + length..];
    }
    values
}

fn unpacked(method: u16, data: &[u8], size: usize) -> Vec<u8> {
    match method {
        0 => data.to_vec(),
        8 => {
            let mut content = Vec::new();
            let mut decoder = flate2::read::DeflateDecoder::new(data);
            decoder.by_ref().take(size as u64 + 1).read_to_end(&mut content).expect("a sound stream");
            assert_eq!(content.len(), size);
            content
        }
        other => panic!("method {other} was accepted"),
    }
}

fn short(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn long(bytes: &[u8], at: usize) -> u32 {
    u32::from(short(bytes, at)) | u32::from(short(bytes, at + 2)) << 16
}

fn wide(bytes: &[u8], at: usize) -> u64 {
    u64::from(long(bytes, at)) | u64::from(long(bytes, at + 4)) << 32
}

fn to_usize(value: u64) -> usize {
    usize::try_from(value).expect("a length in memory")
}
