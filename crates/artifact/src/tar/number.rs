//! Numbers of a header: octal digits, or GNU's binary form where octal has no room.

use trackside_domain::finding::Code;

use crate::names::Flaw;

const NEGATIVE: Flaw = (Code::TarNumber, "a number in its header is negative");
const NOT_OCTAL: Flaw = (Code::TarNumber, "a number in its header is not octal");

/// Reads a field: spaces, octal digits, then only spaces and NULs. None if it is blank, which is 0
/// to every reader.
pub(super) fn read(field: &[u8]) -> Result<Option<u64>, Flaw> {
    if field.first().is_some_and(|byte| byte & 0x80 != 0) {
        return binary(field).map(Some);
    }
    let digits = field.iter().position(|byte| *byte != b' ').map_or(&[][..], |start| &field[start..]);
    let end = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at(end);
    if rest.first() == Some(&b'-') {
        return Err(NEGATIVE);
    }
    if !rest.iter().all(|byte| matches!(byte, b' ' | 0)) || digits.iter().any(|digit| *digit > b'7') {
        return Err(NOT_OCTAL);
    }
    // Fields have at most 12 bytes, so 36 bits.
    let value = digits.iter().fold(0, |value: u64, digit| value << 3 | u64::from(digit - b'0'));
    Ok((!digits.is_empty()).then_some(value))
}

/// The largest number that a field of this length can hold in octal with the NUL behind it.
pub(super) const fn largest_octal(length: usize) -> u64 {
    (1 << (3 * (length - 1))) - 1
}

/// Big-endian, with the highest bit set as a mark. Readers that do not know the form read something
/// else, so it is taken only where nothing else was possible.
fn binary(field: &[u8]) -> Result<u64, Flaw> {
    const NEGATIVE_MARK: u8 = 0x40;
    if field[0] & NEGATIVE_MARK != 0 {
        return Err(NEGATIVE);
    }
    let mut value: u64 = (field[0] & 0x3f).into();
    for byte in &field[1..] {
        let room = value.checked_mul(256).ok_or((Code::TarNumber, "a number in its header is beyond 64 bits"))?;
        value = room | u64::from(*byte);
    }
    if value <= largest_octal(field.len()) {
        return Err((Code::TarNumber, "a number in its header is binary without need"));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octal_is_read_as_every_writer_pads_it() {
        for field in ["0000644\0", "000644 \0", "   644 \0", "644\0\0\0\0\0", "00000644", " 644    "] {
            assert_eq!(read(field.as_bytes()), Ok(Some(0o644)), "{field:?}");
        }
        for field in ["        ", "\0\0\0\0\0\0\0\0", "  \0\0    "] {
            assert_eq!(read(field.as_bytes()), Ok(None), "{field:?}");
        }
        for field in ["0000648\0", "0x00644\0", "644\x00644\0", "+000644\0", "6 44   \0", "\t0644 \0"] {
            assert_eq!(read(field.as_bytes()), Err(NOT_OCTAL), "{field:?}");
        }
        assert_eq!(read(b"-000644\0"), Err(NEGATIVE));
    }

    #[test]
    fn binary_is_read_only_where_octal_has_no_room() {
        assert_eq!(read(&[0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]), Ok(Some(1 << 33)));
        assert_eq!(read(&[0x80, 0, 0, 0, 0, 0x20, 0, 0]), Ok(Some(1 << 21)));
        assert!(read(&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5]).is_err());
        assert!(read(&[0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]).is_err());
        assert_eq!(read(&[0xff; 12]), Err(NEGATIVE));
    }
}
