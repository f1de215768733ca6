//! Owns decoding without the window: two made-up windows, and what their difference tells.
//!
//! The same bits are inflated twice, with two windows that differ in every byte and whose pairs
//! of bytes name their position. A byte that comes out the same both times was in the stream;
//! a pair that differs was copied, directly or not, from the position it names. Where bits
//! are read never depends on the window, so both decoders go in step.

use super::WINDOW;

/// The two made-up windows.
pub(crate) fn windows() -> (Vec<u8>, Vec<u8>) {
    let low = |at: usize| (at & 0xff) as u8;
    let high = |at: usize| (at >> 8) as u8 + 1; // 1 to 128: never nothing
    ((0..WINDOW).map(low).collect(), (0..WINDOW).map(|at| low(at) ^ high(at)).collect())
}

/// Replaces in `first` what was copied from the made-up windows by the bytes of the true one.
/// `false`, and nothing useful in `first`, if the true window is not full: then a copy may have
/// reached behind the start of the stream, which only a serial decoder can tell.
pub(crate) fn fill_in(first: &mut [u8], second: &[u8], window: &[u8]) -> bool {
    let Ok(window) = <&[u8; WINDOW]>::try_from(window) else { return false };
    for (first, second) in first.chunks_mut(16).zip(second.chunks(16)) {
        if first != second {
            for (byte, twin) in first.iter_mut().zip(second) {
                let differs = *byte ^ twin;
                if differs != 0 {
                    *byte = window[(usize::from(differs - 1) << 8 | usize::from(*byte)) % WINDOW];
                }
            }
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_position_has_a_name_of_its_own() {
        let (mut first, second) = windows();
        let truth: Vec<u8> = (0..WINDOW).map(|at| ((at * 7919) >> 5) as u8).collect();
        assert!(first.iter().zip(&second).all(|(a, b)| a != b));
        assert!(fill_in(&mut first, &second, &truth));
        assert_eq!(first, truth);
        assert!(!fill_in(&mut first, &second, &truth[1..]));
    }
}
