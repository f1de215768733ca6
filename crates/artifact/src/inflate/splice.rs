//! Owns the joints of a chunk: starting a decoder inside a byte, and proving where it stopped.
//!
//! zlib takes whole bytes and does not tell how many bits of the last one it has not decoded.
//! So a start inside a byte is led in by empty blocks of a fitting number of bits, and an end
//! inside a byte is proved by a mark: the target's byte keeps its bits below the target, and
//! a final block with known content follows. Only a decoder that looks for a block header
//! exactly at the target reads the mark as it was written; the test in this file tries every
//! other state a decoder that used the same bytes can be in.

use super::strand::Strand;

/// Content of the mark.
const CONTENT: [u8; 4] = [0x9d, 0x3c, 0xe5, 0x71];

/// Room for what the closing feed can unpack to: 258 bytes for every 2 bits of it at most.
pub(crate) const CLOSING_ROOM: usize = 32 * 1024;

/// Bits, written in the order deflate reads them.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    length: usize,
}

impl Bits {
    /// Appends the low `count` bits of `value`, lowest first.
    fn push(&mut self, value: u32, count: usize) {
        for at in 0..count {
            if self.length.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= ((value >> at & 1) as u8) << (self.length % 8);
            }
            self.length += 1;
        }
    }

    /// Appends a Huffman code, highest bit first.
    fn push_code(&mut self, code: u32, count: usize) {
        for at in (0..count).rev() {
            self.push(code >> at, 1);
        }
    }

    /// Ten bits: an empty block with the fixed code.
    fn push_empty(&mut self) {
        self.push(0b010, 3);
        self.push(0, 7);
    }

    /// 91 bits: an empty block with a code of its own. The odd length is what it is for.
    fn push_empty_odd(&mut self) {
        self.push(0b100, 3);
        self.push(0, 10); // 257 literal and length codes, 1 distance code
        self.push(14, 4); // 18 lengths of length codes
        for at in 0..18 {
            self.push(u32::from(at == 2 || at == 17), 3); // only "18" and "1" are used
        }
        for zeros in [138, 117] {
            self.push(1, 1); // "18": a run of zero lengths
            self.push(zeros - 11, 7);
        }
        self.push(0, 3); // "1" three times: literal 255, end of block, distance 0
        self.push(1, 1); // end of block
    }
}

/// Bytes that leave a decoder at bit `bit` of the byte `first`, `bit` in 1..8.
pub(crate) fn lead_in(bit: u8, first: u8) -> Vec<u8> {
    let mut bits = Bits::default();
    if bit % 2 == 1 {
        bits.push_empty_odd();
    }
    while bits.length % 8 != usize::from(bit) {
        bits.push_empty();
    }
    if let Some(last) = bits.bytes.last_mut() {
        *last |= first >> bit << bit;
    }
    bits.bytes
}

/// The bits behind a target: a final block, with the fixed code, of [`CONTENT`].
fn mark(bits: &mut Bits) {
    bits.push(0b011, 3);
    for byte in CONTENT.map(u32::from) {
        if byte < 144 {
            bits.push_code(0x30 + byte, 8);
        } else {
            bits.push_code(0x190 + byte - 144, 9);
        }
    }
    bits.push(0, 7);
}

/// The last input of a decoder before its target, and the mark.
pub(crate) struct Closing {
    bytes: Vec<u8>,
    /// Bytes with bits before the target.
    real: usize,
}

impl Closing {
    /// `bytes` reach up to and with the byte of the target, of which `bit` bits come before it;
    /// with `bit` 0 they end before the target's byte.
    pub(crate) fn new(mut bytes: Vec<u8>, bit: u8) -> Self {
        let real = bytes.len();
        let mut bits = Bits::default();
        if bit != 0 {
            let last = bytes.pop().unwrap_or_default();
            bits.push(u32::from(last), usize::from(bit));
        }
        mark(&mut bits);
        bytes.append(&mut bits.bytes);
        Self { bytes, real }
    }

    /// Feeds the rest to `strand`. `Some(n)`: it stood exactly on the target, having put `n`
    /// more bytes in `room` (of [`CLOSING_ROOM`]). `None`: it did not. Either way it is used up.
    pub(crate) fn prove(&self, strand: &mut Strand, room: &mut [u8]) -> Option<usize> {
        let (mut used, mut made) = (0, 0);
        // The mark follows, so there is input left at the target, and the decoder can have
        // stopped there only for the end of a block.
        loop {
            let step = strand.run_block(&self.bytes[used..], &mut room[made..]).ok()?;
            used += step.used;
            made += step.made;
            if step.ended || used > self.real || made == room.len() || step.used == 0 {
                return None;
            }
            if used == self.real {
                break;
            }
        }
        let mut content = [0; CONTENT.len() + 1];
        let step = strand.run(&self.bytes[used..], &mut content).ok()?;
        let proved = step.ended && used + step.used == self.bytes.len() && content[..step.made] == CONTENT;
        proved.then_some(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lead_in_leaves_the_decoder_at_every_bit() {
        for bit in 1..8u8 {
            let mut bits = Bits::default();
            bits.push(0x55, usize::from(bit));
            mark(&mut bits);
            let mut bytes = lead_in(bit, bits.bytes[0]);
            bytes.extend_from_slice(&bits.bytes[1..]);
            let mut room = [0; 16];
            let step = Strand::new(&[]).unwrap().run(&bytes, &mut room).unwrap();
            assert_eq!(step, super::super::strand::Step { used: bytes.len(), made: 4, ended: true });
            assert_eq!(room[..4], CONTENT);
        }
    }

    /// A decoder that used the byte with the target and stopped at an end of a block can stand
    /// on any bit of it but the first, or on its end. The bits before the target are hostile.
    #[test]
    fn only_the_target_proves() {
        let mut tried = 0;
        for bit in 0..8u8 {
            let below = if bit == 0 { 8 } else { bit };
            for stands in 1..=8u8 {
                let unknown = below.saturating_sub(stands);
                for hostile in 0..1u32 << unknown {
                    let last = hostile << stands;
                    let closing = Closing::new(vec![last as u8], bit);
                    // What the decoder reads next: its byte from the bit it stands on, then on.
                    let byte = closing.bytes[0];
                    let mut input = if stands == 8 { vec![] } else { lead_in(stands, byte) };
                    let lead = input.len();
                    input.extend_from_slice(&closing.bytes[1..]);
                    let mut content = [0; CONTENT.len() + 1];
                    let mut strand = Strand::new(&[0x71; 32768]).unwrap();
                    let proved = strand
                        .run(&input, &mut content)
                        .is_ok_and(|step| step.ended && step.used == input.len() && content[..step.made] == CONTENT);
                    assert_eq!(proved, stands == below, "{bit} {stands} {hostile:b} {lead}");
                    tried += 1;
                }
            }
        }
        assert!(tried > 1000 / 2);
    }
}
