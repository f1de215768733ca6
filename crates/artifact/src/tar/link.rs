//! Links: symbolic ones stay inside, hard ones name a file that stands before them.

use std::collections::BTreeSet;

use trackside_domain::finding::Code;

use super::{Kind, Tree};
use crate::finding::Findings;
use crate::names::Flaw;

/// Checks all links, and gives hard links the size and digest of their files. Links stay `root`
/// folders below the archive.
pub(super) fn check(tree: &mut Tree, root: usize, findings: &mut Findings) {
    resolve_hard_links(tree, findings);
    let members = &tree.members;
    let links: BTreeSet<&str> =
        members.iter().filter(|member| matches!(member.kind, Kind::Symlink(_))).map(|member| &*member.name).collect();
    for member in members {
        let flaw = match &member.kind {
            Kind::Symlink(target) => symlink_flaw(&member.name, target, root, &links),
            Kind::HardLink(_) | Kind::File | Kind::Folder => None,
        };
        if let Some((code, message)) = flaw {
            findings.member(code, &member.name, message);
        }
    }
}

/// What every target must be: visible text with slashes, relative.
fn target_flaw(target: &str) -> Option<Flaw> {
    if target.is_empty() {
        return Some((Code::TarLink, "it is a link without a target"));
    }
    if target.contains('\u{fffd}') {
        return Some((Code::NameEncoding, "its target is not UTF-8"));
    }
    if target.contains(char::is_control) {
        return Some((Code::NameControlCharacter, "its target has a control character"));
    }
    let elsewhere = target.starts_with('/') || target.contains(['\\', ':']);
    elsewhere.then_some((Code::TarLinkOutside, "its target is absolute, or has a drive or backslash of Windows"))
}

/// Follows the target from the folder of the link. The folders on the way to the link are no links
/// (or the names are refused), so going up at the beginning of the target is what it seems. Behind
/// another link it may lead anywhere.
fn symlink_flaw(name: &str, target: &str, root: usize, links: &BTreeSet<&str>) -> Option<Flaw> {
    const OUTSIDE: Flaw = (Code::TarLinkOutside, "it is a link that leads out");
    /// Real targets that go up behind a folder have a handful of parts.
    const MAX_WINDING: usize = 32;
    if let Some(flaw) = target_flaw(target) {
        return Some(flaw);
    }
    let mut path: Vec<&str> = name.split('/').collect();
    path.pop();
    let parts: Vec<&str> = target.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    let straight = parts.iter().skip_while(|part| **part == "..").all(|part| *part != "..");
    if !straight && parts.len() > MAX_WINDING {
        return Some((Code::TarLinkOutside, "its target goes up and down too often to be followed"));
    }
    let mut behind_link = false;
    for part in parts {
        if part != ".." {
            path.push(part);
            behind_link = behind_link || (!straight && links.contains(path.join("/").as_str()));
        } else if behind_link || path.pop().is_none() || path.len() < root {
            return Some(OUTSIDE);
        }
    }
    (path.len() < root).then_some(OUTSIDE)
}

fn resolve_hard_links(tree: &mut Tree, findings: &mut Findings) {
    let members = &mut tree.members;
    if !members.iter().any(|member| matches!(member.kind, Kind::HardLink(_))) {
        return;
    }
    let mut by_name: Vec<usize> = (0..members.len()).collect();
    by_name.sort_by(|a, b| members[*a].name.cmp(&members[*b].name));
    for index in 0..members.len() {
        let Kind::HardLink(target) = &members[index].kind else {
            continue;
        };
        if let Some((code, message)) = target_flaw(target).or_else(|| leaves(target)) {
            findings.member(code, &members[index].name, message);
            continue;
        }
        let found = by_name.binary_search_by(|other| members[*other].name.as_str().cmp(target));
        let file = found.ok().map(|position| by_name[position]).filter(|file| *file < index);
        match file.map(|file| &members[file]).filter(|file| matches!(file.kind, Kind::File | Kind::HardLink(_))) {
            Some(file) => (members[index].size, members[index].sha256) = (file.size, file.sha256),
            None => findings.member(Code::TarHardLink, &members[index].name, "it is a link to no file before it"),
        }
    }
}

fn leaves(target: &str) -> Option<Flaw> {
    target.split('/').any(|part| part == "..").then_some((Code::TarLinkOutside, "it is a link that leads out"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw(name: &str, target: &str, root: usize) -> Option<Code> {
        let links = BTreeSet::from(["t/up", "t/a/down"]);
        symlink_flaw(name, target, root, &links).map(|(code, _)| code)
    }

    #[test]
    fn a_target_is_followed_from_the_folder_of_its_link() {
        for (name, target) in [
            ("t/x", "y"),
            ("t/x", "./y/../z"),
            ("t/a/b/x", "../../y"),
            ("t/a/x", "../b/../c"),
            ("t/x", "up/y"),
            ("t/a/b/x", "../.."),
        ] {
            assert_eq!(flaw(name, target, 1), None, "{name} -> {target}");
        }
        for (name, target) in [
            ("t/x", ".."),
            ("t/x", "../t"),
            ("t/x", "../../y"),
            ("t/x", "a/../../y"),
            ("t/x", "up/../y"),
            ("t/x", "a/down/b/../../../../y"),
            ("x", "y"),
        ] {
            let root = if target == "y" { 2 } else { 1 };
            assert_eq!(flaw(name, target, root), Some(Code::TarLinkOutside), "{name} -> {target}");
        }
        assert_eq!(flaw("x", "y/../z", 0), None);
        assert_eq!(flaw("x", "../z", 0), Some(Code::TarLinkOutside));
        assert_eq!(flaw("t/x", "", 1), Some(Code::TarLink));
    }
}
