//! Owns finding where a deflate block may start.
//!
//! Only blocks with a Huffman code of their own are looked for: their header has to describe
//! complete codes, so hardly anything else looks like one. What is found is a guess all the
//! same; the chunk that ends there proves it or not.

use super::input::Source;

/// Bits of the longest header: 17, 19 lengths of 3, and 318 code lengths of up to 7 and 7 more.
const HEADER_BYTES: usize = 600;

/// The order in which the lengths of the length codes are written.
const ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// The first bit, in the `reach` bytes from byte `from`, where a block may start.
/// `None` as well if the bytes cannot be read: the decoder that needs them will say so.
pub(crate) fn first_block(source: Source<'_>, from: u64, reach: u64) -> Option<u64> {
    const PART: u64 = 32 * 1024;
    let mut bytes = Vec::new();
    let end = source.len().min(from + reach);
    let mut at = from;
    while at < end {
        let part = PART.min(end - at);
        source.read(&mut bytes, at, at + part + HEADER_BYTES as u64).ok()?;
        if let Some(bit) = search(&bytes, part as usize) {
            return Some(at * 8 + bit as u64);
        }
        at += part;
    }
    None
}

/// The first bit in the first `part` bytes where a block may start.
fn search(bytes: &[u8], part: usize) -> Option<usize> {
    for byte in 0..part {
        let word = word(bytes, byte * 8);
        // Not the last block (a 0 bit), own code (0 1, low bit first); for 8 bits at once.
        let mut starts = !word & !(word >> 1) & word >> 2 & 0xff;
        while starts != 0 {
            let bit = starts.trailing_zeros() as usize;
            if is_header(bytes, byte * 8 + bit, word >> bit) {
                return Some(byte * 8 + bit);
            }
            starts &= starts - 1;
        }
    }
    None
}

/// At least 56 bits from bit `at`, zeros behind the end.
fn word(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at / 8..).unwrap_or_default();
    let word = match rest.first_chunk::<8>() {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    word >> (at % 8)
}

/// Whether a whole, consistent header stands at bit `at`; `head` are the bits from there.
fn is_header(bytes: &[u8], at: usize, head: u64) -> bool {
    let literals = 257 + (head >> 3 & 31) as usize;
    let distances = 1 + (head >> 8 & 31) as usize;
    if literals > 286 || distances > 30 {
        return false;
    }
    let count = 4 + (head >> 13 & 15) as usize;
    let lengths = word(bytes, at + 17) & !(u64::MAX << (3 * count));
    let sum: u32 = (0..count).map(|n| share(lengths >> (3 * n) & 7)).sum();
    sum == 128 && codes_fit(bytes, at + 17 + 3 * count, lengths, literals, distances)
}

/// How much of a code, of 128, a length of 1 to 7 takes.
fn share(length: u64) -> u32 {
    128 >> length & 127
}

/// Whether the code lengths from bit `at` make up codes zlib accepts.
fn codes_fit(bytes: &[u8], at: usize, lengths: u64, literals: usize, distances: usize) -> bool {
    let table = length_code(lengths);
    let (mut at, mut done, mut previous) = (at, 0, 0);
    let mut all = [0u8; 286 + 30];
    while done < literals + distances {
        let bits = word(bytes, at);
        let (symbol, width) = table[(bits & 127) as usize];
        let bits = bits >> width;
        let (length, times, extra) = match symbol {
            16 if done == 0 => return false,
            16 => (previous, 3 + (bits & 3) as usize, 2),
            17 => (0, 3 + (bits & 7) as usize, 3),
            18 => (0, 11 + (bits & 127) as usize, 7),
            length => (length, 1, 0),
        };
        let Some(run) = all.get_mut(done..done + times) else { return false };
        run.fill(length);
        previous = length;
        done += times;
        at += usize::from(width) + extra;
    }
    let (literal, distance) = all[..done].split_at(literals);
    done == literals + distances
        && at <= bytes.len() * 8
        && literal.get(256).is_some_and(|end| *end != 0)
        && is_complete(literal)
        && is_complete(distance)
}

/// Symbol and width for every 7 bits, for a complete code.
fn length_code(lengths: u64) -> [(u8, u8); 128] {
    let mut widths = [0u8; 19];
    for (n, symbol) in ORDER.into_iter().enumerate() {
        widths[usize::from(symbol)] = (lengths >> (3 * n) & 7) as u8;
    }
    let mut table = [(0, 0); 128];
    let mut code = 0u8; // in units of 1/128, so of 7 bits
    for width in 1..=7u8 {
        for (symbol, _) in widths.iter().enumerate().filter(|(_, w)| **w == width) {
            for rest in 0..1u8 << (7 - width) {
                let slot = usize::from((code + rest).reverse_bits() >> 1);
                table[slot] = (symbol as u8, width);
            }
            code = code.saturating_add(1 << (7 - width));
        }
    }
    table
}

/// Whether the lengths make a complete code, or the one or no code of length 1 zlib lets pass.
fn is_complete(lengths: &[u8]) -> bool {
    let (mut sum, mut used) = (0u32, 0);
    for length in lengths.iter().filter(|length| **length != 0) {
        sum += 1 << (15 - length);
        used += 1;
    }
    sum == 1 << 15 || used == 0 || (used == 1 && sum == 1 << 14)
}
