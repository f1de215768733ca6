//! Base64 with the alphabet for URLs and without padding, as RECORD writes digests.

/// Decodes exactly 32 bytes; none if the text is longer, shorter, padded or not canonical (so that
/// one digest has one spelling).
pub(crate) fn decode_32(text: &str) -> Option<[u8; 32]> {
    const DIGITS: usize = 43;
    if text.len() != DIGITS {
        return None;
    }
    let mut decoded = [0; 32];
    let (mut bits, mut count, mut filled) = (0_u32, 0_u32, 0);
    for digit in text.bytes() {
        bits = (bits << 6 | u32::from(value(digit)?)) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            *decoded.get_mut(filled)? = u8::try_from(bits >> count & 0xff).ok()?;
            filled += 1;
        }
    }
    let unused = bits & ((1 << count) - 1);
    (unused == 0).then_some(decoded)
}

/// The digits of 32 bytes.
pub(crate) fn encode(bytes: &[u8; 32]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, index| bits << 8 | usize::from(group.get(index).copied().unwrap_or(0)));
        // A group of n bytes takes n + 1 digits.
        text.extend((0..=group.len()).map(|index| char::from(DIGITS[bits >> (18 - 6 * index) & 63])));
    }
    text
}

const fn value(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_decoded() {
        // The SHA-256 of nothing.
        let digest = decode_32("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU").unwrap();
        assert_eq!(digest[..4], [0xe3, 0xb0, 0xc4, 0x42]);
        assert_eq!(digest[31], 0x55);
        assert_eq!(encode(&digest), "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "",
            "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=",
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU",
            "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFV",
            "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuF",
        ] {
            assert_eq!(decode_32(text), None, "{text}");
        }
    }
}
