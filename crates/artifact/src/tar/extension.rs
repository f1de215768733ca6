//! What extension headers say of the next member, and whether its own header says the same.

use trackside_domain::finding::Code;

use super::header::Header;
use super::number::largest_octal;
use super::pax::Records;
use crate::names::Flaw;

/// The extensions that stand before a member.
#[derive(Default)]
pub(super) struct Extensions {
    pub(super) pax: Option<Records>,
    pub(super) long_name: Option<Vec<u8>>,
    pub(super) long_link: Option<Vec<u8>>,
}

/// Bytes of the name and link fields.
const FIELD: usize = 100;
/// The size field has 12 bytes.
const SIZE_FIELD: usize = 12;

const OVERRIDE: Flaw = (Code::TarPaxOverride, "an extension gives it another name than its header");

impl Extensions {
    /// Whether no member must follow.
    pub(super) const fn is_empty(&self) -> bool {
        self.pax.is_none() && self.long_name.is_none() && self.long_link.is_none()
    }

    /// Puts the extensions into the header that they describe.
    pub(super) fn apply(self, header: &mut Header) -> Result<(), Flaw> {
        let Records { path, link_path, size } = self.pax.unwrap_or_default();
        if let Some(name) = one(path, self.long_name)? {
            header.name = extended(name, &header.name)?;
        }
        if let Some(link) = one(link_path, self.long_link)? {
            header.link = if is_placeholder(&link, &header.link) { link } else { extended(link, &header.link)? };
        }
        if let Some(size) = size {
            // Writers leave 0 where the field has no room.
            let has_room = size <= largest_octal(SIZE_FIELD);
            if header.size != size && (has_room || header.size != 0) {
                return Err((Code::TarPaxOverride, "an extension gives it another size than its header"));
            }
            header.size = size;
        }
        Ok(())
    }
}

/// GNU and pax at once: readers disagree which one counts.
fn one(pax: Option<Vec<u8>>, gnu: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, Flaw> {
    match (pax, gnu) {
        (Some(_), Some(_)) => Err(OVERRIDE),
        (one, other) => Ok(one.or(other)),
    }
}

/// The name of an extension, if that in the header is what a writer leaves there of it.
fn extended(full: Vec<u8>, header: &[u8]) -> Result<Vec<u8>, Flaw> {
    // Python writes a question mark for each character that is not ASCII.
    let questioned: Vec<u8> = String::from_utf8_lossy(&full)
        .chars()
        .map(|char| u8::try_from(char).ok().filter(u8::is_ascii).unwrap_or(b'?'))
        .collect();
    let is_left = is_cut(&full, header) || is_cut(&questioned, header) || is_shortened(&full, header);
    if is_left { Ok(full) } else { Err(OVERRIDE) }
}

/// bsdtar writes a word in place of a target that has no room.
fn is_placeholder(full: &[u8], header: &[u8]) -> bool {
    full.len() > FIELD && [&b"././@LongSymLink"[..], b"././@LongHardLink"].contains(&header)
}

/// Whether the header has the beginning of the name, as far as there is room: some writers leave a
/// byte for a NUL, some do not cut a character in two.
fn is_cut(full: &[u8], header: &[u8]) -> bool {
    const LONGEST_CHARACTER: usize = 4;
    let cut = full.len() >= FIELD && (FIELD - LONGEST_CHARACTER..=FIELD).contains(&header.len());
    header == full || (cut && full.starts_with(header))
}

/// bsdtar keeps the last part of the name and as many whole folders as there is room for: each part
/// of the header is the beginning of the part of the name at its place, counted from the front for
/// folders, and the last for the last.
fn is_shortened(full: &[u8], header: &[u8]) -> bool {
    const LEAST: usize = FIELD - 20;
    let split = |path: &[u8]| path.iter().rposition(|byte| *byte == b'/').map(|at| (path[..at].to_vec(), at));
    let (full, header) = (full.strip_suffix(b"/").unwrap_or(full), header.strip_suffix(b"/").unwrap_or(header));
    let (Some((folders, at)), Some((kept, cut))) = (split(full), split(header)) else {
        return false;
    };
    let (last, kept_last) = (&full[at + 1..], &header[cut + 1..]);
    let whole_folders = folders.starts_with(&kept) && matches!(folders.get(kept.len()), None | Some(b'/'));
    let whole_last = kept_last == last || (kept_last.len() >= LEAST && last.starts_with(kept_last));
    full.len() > FIELD && whole_folders && whole_last && !kept_last.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_writers_leave_in_the_header_is_known() {
        let long = format!("{}/é{}", "d".repeat(60), "n".repeat(60));
        let questioned: String = long.replace('é', "?");
        let cut = |text: &str| text.as_bytes()[..FIELD].to_vec();
        for header in [cut(&long), cut(&questioned), cut(&long)[..99].to_vec(), long.clone().into_bytes()] {
            assert!(extended(long.clone().into_bytes(), &header).is_ok(), "{:?}", String::from_utf8_lossy(&header));
        }
        for header in ["", "d", "evil", "dddd/evil"] {
            assert!(extended(long.clone().into_bytes(), header.as_bytes()).is_err(), "{header}");
        }
        let nested = format!("top/sub/{}", "n".repeat(120));
        for header in [format!("top/sub/{}", "n".repeat(98)), format!("top/{}", "n".repeat(95))] {
            assert!(extended(nested.clone().into_bytes(), header.as_bytes()).is_ok(), "{header}");
        }
        for header in [format!("to/{}", "n".repeat(98)), format!("top/sub/{}", "n".repeat(40)), "top/".into()] {
            assert!(extended(nested.clone().into_bytes(), header.as_bytes()).is_err(), "{header}");
        }
        assert!(extended(b"a".to_vec(), b"a").is_ok());
        assert!(extended(b"ab".to_vec(), b"").is_err() && extended(b"ab".to_vec(), b"a").is_err());
    }
}
