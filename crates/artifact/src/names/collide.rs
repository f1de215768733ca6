//! Names against each other: no two may meet on a file system that ignores case or normalises.

use std::borrow::Cow;
use std::cmp::Ordering;

use trackside_domain::finding::Code;
use unicode_normalization::{UnicodeNormalization as _, is_nfkc};

use crate::finding::Findings;
use crate::limits::MAX_FOLDED_NAMES;

/// What stands at a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    File,
    Folder,
    /// A symbolic link, of which only its target knows what it is.
    Link,
}

/// One name of an archive and what stands there.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The name as it is shown; a slash at its end is not looked at.
    pub(crate) name: &'a str,
    pub(crate) node: Node,
}

/// A place, its path as a file system that ignores case sees it, and its position in the archive.
struct Folded<'a> {
    place: Place<'a>,
    path: Cow<'a, str>,
    index: usize,
}

/// Compares all names with each other, folder by folder. The names themselves are the only memory:
/// sorted by folder, those that meet stand side by side.
pub(crate) fn check<'a>(places: impl Iterator<Item = Place<'a>>, findings: &mut Findings) {
    let mut left = MAX_FOLDED_NAMES;
    let mut fold = |name: &'a str| {
        let cost = if name.is_ascii() { 0 } else { name.len() };
        left = left.checked_sub(cost)?;
        Some(folded(trimmed(name)))
    };
    let places = places.enumerate();
    let sorted: Option<Vec<_>> =
        places.map(|(index, place)| Some(Folded { place, path: fold(place.name)?, index })).collect();
    let Some(mut sorted) = sorted else {
        let message = format!("the names that are not ASCII have more than {MAX_FOLDED_NAMES} bytes");
        findings.archive(Code::TooManyMembers, message);
        return;
    };
    sorted.sort_by(|a, b| by_folder(&a.path, &b.path).then(a.index.cmp(&b.index)));
    let mut found = Vec::new();
    let mut blocking: Option<&Folded<'_>> = None;
    for (position, here) in sorted.iter().enumerate() {
        if let Some(above) = blocking.filter(|above| is_below(&here.path, &above.path)) {
            found.push((here, below(above.place.node)));
            continue;
        }
        if here.place.node != Node::Folder {
            blocking = Some(here);
        }
        if let Some(finding) = position.checked_sub(1).and_then(|before| met(&sorted[before], here)) {
            found.push((here, finding));
        }
    }
    found.sort_by_key(|(here, _)| here.index);
    for (here, (code, message)) in found {
        findings.member(code, here.place.name, message);
    }
}

fn below(above: Node) -> (Code, String) {
    match above {
        Node::Link => (Code::TarThroughLink, "a folder on its path is a symbolic link".to_owned()),
        Node::File | Node::Folder => (Code::FileAndDirectory, "a folder on its path is a file".to_owned()),
    }
}

/// What is wrong between two neighbours: one path for both, or a folder spelt in two ways.
fn met(before: &Folded<'_>, here: &Folded<'_>) -> Option<(Code, String)> {
    let (other, name) = (trimmed(before.place.name), trimmed(here.place.name));
    if before.path != here.path {
        let shared = shared_folders(&before.path, &here.path);
        let (theirs, ours) = (leading(other, shared), leading(name, shared));
        let message = || format!("its folder is spelt `{}` elsewhere", theirs.escape_debug());
        return (theirs != ours).then(|| (Code::CaseCollision, message()));
    }
    Some(if name != other {
        (Code::CaseCollision, format!("it differs from `{}` in case only", before.place.name.escape_debug()))
    } else if (before.place.node == Node::Folder) == (here.place.node == Node::Folder) {
        (Code::DuplicateMember, "a member of this name stands there twice".to_owned())
    } else {
        (Code::FileAndDirectory, "the name is used for a file and for a folder".to_owned())
    })
}

/// The first `folders` parts of a path.
fn leading(path: &str, folders: usize) -> &str {
    let Some(last) = folders.checked_sub(1) else {
        return "";
    };
    path.match_indices('/').nth(last).map_or(path, |(end, _)| &path[..end])
}

/// How many leading folders two different paths have in common; one may be a folder of the other.
fn shared_folders(a: &str, b: &str) -> usize {
    let common = common(a, b);
    let whole = |path: &str| path.len() == common || path.as_bytes()[common] == b'/';
    let folders = a.as_bytes()[..common].iter().filter(|byte| **byte == b'/').count();
    folders + usize::from(whole(a) && whole(b))
}

fn is_below(path: &str, above: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
}

/// The order in which whatever is below a folder follows it at once: a slash comes before all else.
fn by_folder(a: &str, b: &str) -> Ordering {
    let common = common(a, b);
    let rank = |path: &str| path.as_bytes().get(common).map(|byte| (*byte != b'/', *byte));
    rank(a).cmp(&rank(b))
}

/// How many bytes two paths have in common at their beginning. Most of it is compared in large
/// pieces: hostile names are alike to their end.
fn common(a: &str, b: &str) -> usize {
    const PIECE: usize = 64;
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let pieces = a.chunks_exact(PIECE).zip(b.chunks_exact(PIECE)).take_while(|(a, b)| a == b).count() * PIECE;
    pieces + a[pieces..].iter().zip(&b[pieces..]).take_while(|(a, b)| a == b).count()
}

fn trimmed(name: &str) -> &str {
    name.strip_suffix('/').unwrap_or(name)
}

/// The path without its case: every letter raised, then lowered, so that `ß` meets `SS`, and
/// normalised (NFKC) again. Nothing is copied if that changes nothing. A name that is not normalised
/// is refused for that, and only lowered here: normalising could make it many times as long.
fn folded(path: &str) -> Cow<'_, str> {
    if !path.is_ascii() && is_nfkc(path) {
        return path.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfkc().collect();
    }
    if !path.is_ascii() || path.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Owned(path.to_lowercase());
    }
    Cow::Borrowed(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[(&str, Node)]) -> Vec<String> {
        let mut findings = Findings::default();
        check(names.iter().map(|(name, node)| Place { name, node: *node }), &mut findings);
        findings.into_vec().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn folders_are_compared_as_well_as_files() {
        use Node::{File, Folder, Link};
        let files = |a, b| found(&[(a, File), (b, File)]);
        assert_eq!(files("Torch/x", "torch/y"), ["`torch/y`: its folder is spelt `Torch` elsewhere [case-collision]"]);
        assert_eq!(files("a/B/c", "a/b/d/e"), ["`a/b/d/e`: its folder is spelt `a/B` elsewhere [case-collision]"]);
        assert_eq!(files("Straße/x", "STRASSE/y").len(), 1);
        assert_eq!(files("a/b", "a-b/c").len() + files("a.py", "a/b").len() + files("ab", "a").len(), 0);
        assert_eq!(files("a/x", "a/x"), ["`a/x`: a member of this name stands there twice [duplicate-member]"]);
        let below = found(&[("d/e", File), ("d/e/f", File), ("d/e/g/h", Folder), ("d-e", File)]);
        assert_eq!(below.len(), 2, "{below:?}");
        let through = found(&[("l", Link), ("l.txt", File), ("l/x", File)]);
        assert_eq!(through, ["`l/x`: a folder on its path is a symbolic link [tar-through-link]"]);
    }

    #[test]
    fn a_folder_may_stand_before_or_after_what_it_holds() {
        let places = [("b/c", Node::File), ("b/", Node::Folder), ("b", Node::Folder)];
        assert_eq!(found(&places), ["`b`: a member of this name stands there twice [duplicate-member]"]);
    }
}
