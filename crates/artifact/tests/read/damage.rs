//! Damage in transit: cut at every 64th, one bit flipped, a byte changed while reading.

use trackside_domain::digest::Sha256;

use crate::case::{demo, read_wheel};

#[test]
fn a_wheel_that_is_cut_short_is_refused() {
    let bytes = demo().filler(100_000).bytes();
    for part in 0..64 {
        let length = bytes.len() * part / 64;
        assert!(read_wheel(&bytes[..length]).is_err(), "cut to {part}/64");
    }
    assert!(read_wheel(&bytes[..bytes.len() - 1]).is_err(), "last byte gone");
}

#[test]
fn one_flipped_bit_is_found_by_a_rule_or_by_the_digest() {
    let bytes = demo().file("demo/data", &[7; 20_000]).filler(2_000).directories().bytes();
    let digest = Sha256::of(&bytes);
    let mut by_rule = 0;
    for place in 0..256 {
        let mut damaged = bytes.clone();
        // 97 is prime to 8, so that every bit of a byte has its turn.
        damaged[bytes.len() * place / 256] ^= 1 << (place * 97 % 8);
        match read_wheel(&damaged) {
            Err(_) => by_rule += 1,
            Ok(artifact) => assert_ne!(artifact.sha256, digest, "place {place}"),
        }
    }
    // The rest are time stamps and other fields that no content depends on.
    assert!(by_rule > 200, "only {by_rule} of 256 by rule");
}
