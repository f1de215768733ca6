//! Sizes as people write them: `104857600`, `100 MB`, `1 GiB`.

use std::fmt;
use std::str::FromStr;

use crate::say;

/// A number of bytes. Read from a number alone, or with a unit of powers of 1000 (`kB`, `MB`, `GB`,
/// `TB`) or 1024 (`KiB`, `MiB`, `GiB`, `TiB`); printed as [`say::bytes`] does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

/// A text is no size.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is no size: write bytes, or a number with kB, MB, GB, TB, KiB, MiB, GiB or TiB", .0.escape_debug())]
pub struct SizeError(String);

impl FromStr for ByteSize {
    type Err = SizeError;

    fn from_str(text: &str) -> Result<Self, SizeError> {
        read(text.trim()).map(Self).ok_or_else(|| SizeError(text.to_owned()))
    }
}

/// None also for what is beyond 64 bits, and for a fraction: half of what may be meant is not known.
fn read(text: &str) -> Option<u64> {
    let end = text.find(|char: char| !char.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    number.parse::<u64>().ok()?.checked_mul(factor(unit.trim_start())?)
}

fn factor(unit: &str) -> Option<u64> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        _ => return None,
    })
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&say::bytes(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_both_families_of_units() {
        for (text, bytes) in [
            ("0", 0),
            ("104857600", 104_857_600),
            ("100 MB", 100_000_000),
            ("100mb", 100_000_000),
            (" 1 GiB ", 1 << 30),
            ("2kB", 2000),
            ("3 TiB", 3 << 40),
            ("7 B", 7),
        ] {
            assert_eq!(text.parse(), Ok(ByteSize(bytes)), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in ["", "MB", "-1", "1.5 GB", "1 G", "1 GB more", "99999999999999999999", "99999999999 TiB", "1_000"] {
            assert!(text.parse::<ByteSize>().is_err(), "{text}");
        }
        assert!("1 zoll".parse::<ByteSize>().unwrap_err().to_string().starts_with("`1 zoll` is no size: "));
    }
}
