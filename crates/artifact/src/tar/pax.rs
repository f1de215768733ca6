//! pax records: `length keyword=value` lines that extend the next header.

use trackside_domain::finding::Code;

use crate::names::Flaw;

/// The records that change what a member is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Records {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link_path: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
}

/// A keyword and its value.
type Pair<'a> = (&'a str, &'a [u8]);

const MALFORMED: Flaw = (Code::TarPax, "an extension record is malformed");

/// Reads the records of one member.
pub(super) fn read(bytes: &[u8]) -> Result<Records, Flaw> {
    let mut records = Records::default();
    for (keyword, value) in pairs(bytes)? {
        match keyword {
            "path" => records.path = Some(value.to_vec()),
            "linkpath" => records.link_path = Some(value.to_vec()),
            "size" => records.size = Some(decimal(value)?),
            "uid" | "gid" => {
                decimal(value)?;
            }
            "mtime" | "atime" | "ctime" => check_time(value)?,
            "uname" | "gname" | "comment" => {}
            _ => check_vendor(keyword)?,
        }
    }
    Ok(records)
}

/// Checks the records of a global header: `git archive` notes the commit there. Whatever else stood
/// there would change members that readers of single members do not connect with it.
pub(super) fn check_global(bytes: &[u8]) -> Result<(), Flaw> {
    match pairs(bytes)?.iter().find(|(keyword, _)| *keyword != "comment") {
        None => Ok(()),
        Some(_) => Err((Code::TarPaxGlobal, "global extension records say more than a comment")),
    }
}

/// Keywords in capitals with a dot belong to their writers. Those that make a file sparse change its
/// size and content.
fn check_vendor(keyword: &str) -> Result<(), Flaw> {
    if keyword.starts_with("GNU.sparse.") || keyword == "SCHILY.realsize" {
        return Err((Code::TarSparse, "it is sparse"));
    }
    let is_vendor = keyword.starts_with(|first: char| first.is_ascii_uppercase()) && keyword.contains('.');
    if is_vendor && !keyword.starts_with("GNU.") {
        return Ok(());
    }
    Err((Code::TarPax, "an extension record has a keyword that is not known"))
}

/// All records in their order. They must fill the bytes exactly, and none may stand twice: which of
/// two counts is not the same for all readers.
fn pairs(bytes: &[u8]) -> Result<Vec<Pair<'_>>, Flaw> {
    let mut pairs: Vec<Pair<'_>> = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (pair, after) = first(rest).ok_or(MALFORMED)?;
        // Honest headers have a handful.
        const MAX: usize = 64;
        if pairs.len() == MAX || pairs.iter().any(|(keyword, _)| *keyword == pair.0) {
            return Err((Code::TarPax, "an extension record stands there twice, or there are too many"));
        }
        pairs.push(pair);
        rest = after;
    }
    Ok(pairs)
}

/// One record, and what follows it: its length counts itself, the space and the line feed.
fn first(bytes: &[u8]) -> Option<(Pair<'_>, &[u8])> {
    let space = bytes.iter().take(8).position(|byte| *byte == b' ')?;
    let digits = &bytes[..space];
    let length = decimal(digits).ok().filter(|_| digits[0] != b'0')?;
    let (record, rest) = bytes.split_at_checked(usize::try_from(length).ok()?)?;
    let record = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|byte| *byte == b'=')?;
    let (keyword, value) = (std::str::from_utf8(&record[..equals]).ok()?, &record[equals + 1..]);
    // An empty value would take back what a global header said.
    let sound = !keyword.is_empty() && !keyword.contains(char::is_control) && !value.is_empty() && !value.contains(&0);
    sound.then_some(((keyword, value), rest))
}

fn decimal(text: &[u8]) -> Result<u64, Flaw> {
    let digits = std::str::from_utf8(text).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).ok_or((Code::TarNumber, "a number in an extension record is none"))
}

/// Seconds since 1970, with a fraction.
fn check_time(text: &[u8]) -> Result<(), Flaw> {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, fraction) = match text.iter().position(|byte| *byte == b'.') {
        Some(dot) => (&text[..dot], &text[dot + 1..]),
        None => (text, &b"0"[..]),
    };
    let digits = |part: &[u8]| !part.is_empty() && part.len() < 24 && part.iter().all(u8::is_ascii_digit);
    if digits(whole) && digits(fraction) {
        Ok(())
    } else {
        Err((Code::TarNumber, "a time in an extension record is none"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_counted_by_their_own_length() {
        let records = read(b"12 path=a=b\n29 mtime=1700000000.12345678\n").unwrap();
        assert_eq!(records.path.as_deref(), Some(&b"a=b"[..]));
        assert_eq!(read(b"").unwrap(), Records::default());
        for bytes in [
            &b"11 path=a=b\n"[..],
            b"13 path=a=b\n",
            b"12 path=a=b\n\0",
            b"012 path=a=\n",
            b"12 =a=bcdef\n",
            b"9 patha\n",
            b"8 path=\n",
            b"-2 path=a\n",
            b"2 ",
            b"0 ",
            b"99999999999999999999 a=b\n",
            b"12 path=a\0b\n",
        ] {
            assert!(read(bytes).is_err(), "{:?}", String::from_utf8_lossy(bytes));
        }
    }
}
