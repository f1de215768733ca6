//! Reads the `Range` header (RFC 9110, section 14): pip and uv read the end of a wheel first.

/// Which bytes to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All of them.
    Whole,
    /// From the first to the last, both included.
    Bytes {
        /// The offset of the first.
        first: u64,
        /// The offset of the last, below the size.
        last: u64,
    },
    /// The range begins behind the end.
    Unsatisfiable,
}

/// The part that a `Range` header asks for. A header that is malformed, in another unit or with
/// several ranges is ignored, which a server may always do.
pub(super) fn part(range: Option<&str>, size: u64) -> Part {
    let Some((first, last)) = range.and_then(|range| range.trim().strip_prefix("bytes=")?.split_once('-')) else {
        return Part::Whole;
    };
    match (number(first), number(last)) {
        (Some(Bound::At(first)), Some(Bound::At(last))) if first > last => Part::Whole,
        (Some(Bound::At(first)), Some(_)) if first >= size => Part::Unsatisfiable,
        (Some(Bound::At(first)), Some(Bound::At(last))) => Part::Bytes { first, last: last.min(size - 1) },
        (Some(Bound::At(first)), Some(Bound::Open)) => Part::Bytes { first, last: size - 1 },
        (Some(Bound::Open), Some(Bound::At(length))) if length == 0 || size == 0 => Part::Unsatisfiable,
        (Some(Bound::Open), Some(Bound::At(length))) => {
            Part::Bytes { first: size.saturating_sub(length), last: size - 1 }
        }
        _ => Part::Whole,
    }
}

enum Bound {
    Open,
    At(u64),
}

fn number(text: &str) -> Option<Bound> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Bound::Open);
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    // A number beyond all sizes is as good as the largest.
    digits.then(|| Bound::At(text.parse().unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_the_standard() {
        let bytes = |first, last| Part::Bytes { first, last };
        for (range, size, expected) in [
            ("bytes=0-0", 10, bytes(0, 0)),
            ("bytes=2-5", 10, bytes(2, 5)),
            ("bytes=2-", 10, bytes(2, 9)),
            ("bytes=-3", 10, bytes(7, 9)),
            ("bytes=-30", 10, bytes(0, 9)),
            ("bytes=5-99999999999999999999999", 10, bytes(5, 9)),
            (" bytes=1-2 ", 10, bytes(1, 2)),
            ("bytes=10-", 10, Part::Unsatisfiable),
            ("bytes=10-12", 10, Part::Unsatisfiable),
            ("bytes=99999999999999999999999-", 10, Part::Unsatisfiable),
            ("bytes=-0", 10, Part::Unsatisfiable),
            ("bytes=0-", 0, Part::Unsatisfiable),
            ("bytes=-1", 0, Part::Unsatisfiable),
            ("bytes=5-2", 10, Part::Whole),
            ("bytes=-", 10, Part::Whole),
            ("bytes=a-b", 10, Part::Whole),
            ("bytes=+1-2", 10, Part::Whole),
            ("bytes=0-1,3-4", 10, Part::Whole),
            ("lines=0-1", 10, Part::Whole),
            ("", 10, Part::Whole),
        ] {
            assert_eq!(part(Some(range), size), expected, "{range} of {size}");
        }
        assert_eq!(part(None, 10), Part::Whole);
    }
}
