//! Extra fields of a header: the chain itself, and the zip64 sizes in it.

use super::bytes::Cursor;
use trackside_domain::finding::Code;

const ZIP64: u16 = 0x0001;
const UNICODE_PATH: u16 = 0x7075;
const MARK: u32 = u32::MAX;

/// The fields of a header that a zip64 extra can widen; the offset is the central directory's.
#[derive(Clone, Copy)]
pub(super) struct Narrow {
    pub(super) size: u32,
    pub(super) compressed: u32,
    pub(super) offset: Option<u32>,
}

/// The same fields, widened.
#[derive(Clone, Copy)]
pub(super) struct Wide {
    pub(super) size: u64,
    pub(super) compressed: u64,
    pub(super) offset: u64,
}

/// Why extra fields are refused.
pub(super) type Flaw = (Code, &'static str);

/// Walks the chain of extra fields and widens the sizes. The zip64 field must hold exactly what
/// the header marks as too large for itself: a longer or shorter one is read differently by
/// different readers. A local header may hold both sizes whatever it marks (APPNOTE 4.5.3), as
/// Python's `force_zip64` writes it, if it says nothing twice in two ways.
pub(super) fn widen(extra: &[u8], narrow: Narrow) -> Result<Wide, Flaw> {
    let zip64 = walk(extra)?;
    if let (Some(both), None) = (zip64, narrow.offset)
        && both.len() == 2 * size_of::<u64>()
    {
        return both_sizes(both, narrow);
    }
    let mut cursor = Cursor::new(zip64.unwrap_or_default());
    let mut next = |value: u32| match zip64 {
        Some(_) if value == MARK => cursor.u64().ok_or((Code::Zip64Extra, "the zip64 extra is too short")),
        _ => Ok(u64::from(value)),
    };
    let size = next(narrow.size)?;
    let compressed = next(narrow.compressed)?;
    let offset = narrow.offset.map_or(Ok(0), next)?;
    if !cursor.is_empty() {
        return Err((Code::Zip64Extra, "the zip64 extra holds more than the header needs"));
    }
    Ok(Wide { size, compressed, offset })
}

/// The two sizes of a local header's zip64 field.
fn both_sizes(content: &[u8], narrow: Narrow) -> Result<Wide, Flaw> {
    let mut cursor = Cursor::new(content);
    let mut next = |value: u32| {
        let wide = cursor.u64().ok_or((Code::Zip64Extra, "the zip64 extra is too short"))?;
        let agrees = value == MARK || u64::from(value) == wide;
        agrees.then_some(wide).ok_or((Code::Zip64Extra, "the zip64 extra has other sizes than the header"))
    };
    Ok(Wide { size: next(narrow.size)?, compressed: next(narrow.compressed)?, offset: 0 })
}

/// The content of the zip64 field, if there is one.
fn walk(extra: &[u8]) -> Result<Option<&[u8]>, Flaw> {
    const BROKEN: Flaw = (Code::MalformedExtra, "the chain of extra fields is broken");
    let mut cursor = Cursor::new(extra);
    let mut seen = Vec::new();
    let mut zip64 = None;
    while !cursor.is_empty() {
        let id = cursor.u16().ok_or(BROKEN)?;
        let length = cursor.u16().ok_or(BROKEN)?;
        let content = cursor.take(length.into()).ok_or(BROKEN)?;
        seen.push(id);
        match id {
            ZIP64 => zip64 = Some(content),
            UNICODE_PATH => return Err((Code::UnicodePathExtra, "a second name in an extra field")),
            _ => {}
        }
    }
    // Sorted, because one header has room for 16,000 empty fields.
    seen.sort_unstable();
    if seen.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err((Code::DuplicateExtra, "an extra field stands there twice"));
    }
    Ok(zip64)
}
