//! The parallel inflate gives the verdict, and the bytes, of a serial one.

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Flaw, Packed, Tuning, inflate};
use flate2::{Compression, Decompress, FlushDecompress, Status, write::DeflateEncoder};
use proptest::prelude::*;

/// Small enough that streams of some 10 KB have many chunks.
const SMALL: Tuning = Tuning { stride: 16 << 10, reach: 16 << 10, cap: 4 << 20, ahead: 2, patience: 12 };

/// Chunks taken ahead of time in all cases of a test: what the tests are about.
static AHEAD: AtomicUsize = AtomicUsize::new(0);

fn verdict(result: Result<(), Flaw>) -> String {
    result.map_or_else(|flaw| flaw.to_string(), |()| "sound".into())
}

fn both(stream: &[u8], declared: u64, tuning: Tuning) -> (String, Vec<u8>) {
    let read_at = |buffer: &mut [u8], at: u64| -> io::Result<()> {
        let at = at as usize;
        buffer.copy_from_slice(stream.get(at..at + buffer.len()).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    };
    let (mut serial, mut parallel) = (vec![], vec![]);
    let length = stream.len() as u64;
    let packed = Packed { read_at: &read_at, compressed: length, size: declared };
    let one = inflate(&packed, 1, tuning, &mut |b| serial.extend_from_slice(b)).map(|_| ());
    let two = inflate(&packed, 3, tuning, &mut |b| parallel.extend_from_slice(b));
    AHEAD.fetch_add(two.as_ref().map_or(0, |pace| pace.ahead), Ordering::Relaxed);
    let (one, two) = (verdict(one), verdict(two.map(|_| ())));
    assert_eq!(one, two);
    assert!(parallel.len() as u64 <= declared);
    if one == "sound" {
        assert!(serial == parallel, "bytes differ");
    } else {
        let shared = serial.len().min(parallel.len());
        assert!(serial[..shared] == parallel[..shared], "prefixes differ");
    }
    (one, parallel)
}

/// What flate2 alone makes of it: the bytes if the stream is whole and nothing follows.
fn flate2_alone(stream: &[u8]) -> Option<Vec<u8>> {
    let (mut inflate, mut all, mut room) = (Decompress::new(false), vec![], vec![0; 1 << 16]);
    loop {
        let (used, made) = (inflate.total_in(), inflate.total_out());
        let status = inflate.decompress(&stream[used as usize..], &mut room, FlushDecompress::None).ok()?;
        let made = (inflate.total_out() - made) as usize;
        all.extend_from_slice(&room[..made]);
        match status {
            Status::StreamEnd => return (inflate.total_in() == stream.len() as u64).then_some(all),
            _ if made == 0 && inflate.total_in() == used => return None,
            _ => {}
        }
    }
}

fn deflate(data: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(vec![], Compression::new(level));
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut x = seed | 1;
    (0..length)
        .map(|_| {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            (x >> 32) as u8
        })
        .collect()
}

/// Data of one kind, cut to `length`.
fn data(kind: u8, seed: u64, length: usize) -> Vec<u8> {
    let random = noise(seed, length);
    match kind {
        0 => random,
        1 => vec![0; length],
        2 => random.iter().map(|b| b"etaoin shrdlu\n{}"[usize::from(b & 15)]).collect(),
        // Long copies chained over everything: markers never go away.
        3 => random.iter().take(5000).copied().cycle().take(length).collect(),
        // Words from a small set, with fresh bytes between.
        4 => random.chunks(3).flat_map(|c| [b'a' + c[0] % 7, b'_', b'z', c[0] & 3, c[0]]).take(length).collect(),
        // Executable code, as it comes.
        5 => {
            let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
            let from = seed as usize % (own.len() / 2);
            own[from..].iter().copied().cycle().take(length).collect()
        }
        // Everything by turns.
        _ => (0..length / 70_000 + 1)
            .flat_map(|turn| data(turn as u8 % 6, seed ^ turn as u64, 70_000))
            .take(length)
            .collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sound_streams(kind in 0u8..7, level in 0u32..=9, seed: u64, length in 0usize..4_000_000) {
        let plain = data(kind, seed, length);
        let (verdict, out) = both(&deflate(&plain, level), plain.len() as u64, SMALL);
        prop_assert_eq!(verdict, "sound");
        prop_assert!(out == plain);
    }

    #[test]
    fn wrong_size(kind in 0u8..7, level in 0u32..=9, seed: u64, length in 1usize..2_500_000, by in -70_000i64..70_000) {
        let plain = data(kind, seed, length);
        let declared = (plain.len() as i64 + by).max(0) as u64;
        both(&deflate(&plain, level), declared, SMALL);
    }

    #[test]
    fn damaged(kind in 0u8..7, level in 0u32..=9, seed: u64, length in 1usize..2_500_000,
               cut in 0usize..20_000, flips in prop::collection::vec((any::<prop::sample::Index>(), 0u8..8), 0..4),
               tail in 0usize..5000) {
        let plain = data(kind, seed, length);
        let mut stream = deflate(&plain, level);
        let keep = stream.len().saturating_sub(cut.saturating_sub(10_000)).max(1);
        stream.truncate(keep);
        stream.extend(noise(seed, tail.saturating_sub(2500)));
        for (at, bit) in flips {
            let at = at.index(stream.len());
            stream[at] ^= 1 << bit;
        }
        let alone = flate2_alone(&stream);
        let declared = alone.as_ref().map_or(plain.len(), Vec::len) as u64;
        let (verdict, out) = both(&stream, declared, SMALL);
        prop_assert_eq!(verdict == "sound", alone.is_some(), "{}", verdict);
        if let Some(alone) = alone {
            prop_assert!(out == alone);
        }
    }

    #[test]
    fn any_bytes(seed: u64, length in 4096usize..400_000, declared in 0u64..100_000) {
        both(&noise(seed, length), declared, SMALL);
    }

    #[test]
    fn flushes(seed: u64, kinds in prop::collection::vec((0u8..7, 0usize..400_000), 1..12), level in 0u32..=9) {
        let (mut encoder, mut plain) = (DeflateEncoder::new(vec![], Compression::new(level)), vec![]);
        for (kind, length) in kinds {
            let part = data(kind, seed, length);
            encoder.write_all(&part).unwrap();
            encoder.flush().unwrap();
            plain.extend(part);
        }
        let (verdict, out) = both(&encoder.finish().unwrap(), plain.len() as u64, SMALL);
        prop_assert_eq!(verdict, "sound");
        prop_assert!(out == plain);
    }
}

/// Streams of every kind that are long enough do go in parallel, at every level that makes
/// blocks with codes of their own.
#[test]
fn chunks_are_taken_ahead() {
    let mut counts = vec![];
    for (kind, level) in [(2, 2), (2, 6), (2, 9), (4, 3), (5, 2), (5, 6), (5, 9), (6, 6)] {
        let plain = data(kind, 11, 6_000_000);
        let before = AHEAD.load(Ordering::Relaxed);
        let (verdict, out) = both(&deflate(&plain, level), plain.len() as u64, SMALL);
        assert_eq!(verdict, "sound");
        assert!(out == plain);
        let ahead = AHEAD.load(Ordering::Relaxed) - before;
        counts.push(((kind, level), ahead));
    }
    assert!(counts.iter().all(|(_, ahead)| *ahead > 5), "{counts:?}");
}

/// A stream stored inside a stored block: its block starts look real and are not.
#[test]
fn false_starts_are_never_believed() {
    let inner = deflate(&data(2, 7, 900_000), 6);
    for level in [0, 1, 6] {
        let plain: Vec<u8> = inner.iter().copied().chain(noise(3, 9000)).chain(inner.iter().copied()).collect();
        let (verdict, out) = both(&deflate(&plain, level), plain.len() as u64, SMALL);
        assert_eq!(verdict, "sound");
        assert!(out == plain);
    }
}

#[test]
fn errors_of_reading_come_out() {
    let stream = deflate(&data(2, 9, 2_000_000), 6);
    for bad in (0..stream.len()).step_by(40_000) {
        let read_at = |buffer: &mut [u8], at: u64| -> io::Result<()> {
            let range = at as usize..at as usize + buffer.len();
            if range.contains(&bad) {
                return Err(io::ErrorKind::Other.into());
            }
            buffer.copy_from_slice(&stream[range]);
            Ok(())
        };
        let result = inflate(
            &Packed { read_at: &read_at, compressed: stream.len() as u64, size: 2_000_000 },
            3,
            SMALL,
            &mut |_| (),
        );
        assert!(matches!(result, Err(Flaw::Io(_))));
    }
}
