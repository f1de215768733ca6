//! Where installers put what a wheel holds: no two places of it may lead to one path.

use std::collections::BTreeSet;

use trackside_domain::finding::Code;

use crate::finding::Findings;
use crate::names::{self, Node, Place};

/// A folder of an environment. `purelib` and `platlib` are one folder almost everywhere, and the root
/// of the wheel goes into one of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Library,
    Scripts,
    Headers,
    /// The environment itself.
    Data,
}

/// Checks where all members go, if some of them go elsewhere than beside each other.
pub(super) fn check(names: &BTreeSet<&str>, findings: &mut Findings) {
    let is_data = |name: &&&str| name.split_once('/').is_some_and(|(top, _)| top.ends_with(".data"));
    if !names.iter().any(|name| is_data(&name)) {
        return;
    }
    for name in names.iter().filter(is_data) {
        if let (Target::Library, path) = destination(name)
            && path.split_once('/').is_some_and(|(top, _)| top.to_ascii_lowercase().ends_with(".dist-info"))
        {
            let message = "it would be installed into a `.dist-info` folder, over what was verified there";
            findings.member(Code::InstallCollision, name, message);
        }
    }
    for target in [Target::Library, Target::Scripts, Target::Headers, Target::Data] {
        let here =
            names.iter().map(|name| destination(name)).filter(|(found, path)| *found == target && !path.is_empty());
        let node = |path: &str| if path.ends_with('/') { Node::Folder } else { Node::File };
        // A folder may have an entry in each place.
        let places = here.map(|(_, name)| Place { name, node: node(name) }).filter(|place| place.node == Node::File);
        let mut met = Findings::default();
        names::check_collisions(places, &mut met);
        findings.append_as(Code::InstallCollision, "two places of the wheel install to one path", met);
    }
}

/// Where a member goes, and its path there (PEP 427 and the schemes of Python's `sysconfig`).
fn destination(name: &str) -> (Target, &str) {
    let Some((_, path)) = name.split_once('/').filter(|(top, _)| top.ends_with(".data")) else {
        return (Target::Library, name);
    };
    match path.split_once('/') {
        Some(("purelib" | "platlib", rest)) => (Target::Library, rest),
        Some(("scripts", rest)) => (Target::Scripts, rest),
        Some(("headers", rest)) => (Target::Headers, rest),
        Some(("data", rest)) => in_environment(rest),
        // No installer knows a place for it, which is said elsewhere.
        _ => (Target::Data, ""),
    }
}

/// What `data` puts into the folders of the others.
fn in_environment(path: &str) -> (Target, &str) {
    let parts: Vec<&str> = path.splitn(4, '/').collect();
    match parts[..] {
        ["bin" | "Scripts", ..] => (Target::Scripts, path.split_once('/').map_or("", |(_, rest)| rest)),
        ["lib" | "lib64", python, "site-packages", rest] if python.starts_with("python") => (Target::Library, rest),
        ["Lib", "site-packages", ..] => (Target::Library, path.get("Lib/site-packages/".len()..).unwrap_or_default()),
        _ => (Target::Data, path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(names: &[&str]) -> Vec<String> {
        let mut findings = Findings::default();
        check(&names.iter().copied().collect(), &mut findings);
        findings.into_vec().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn places_that_lead_to_one_path_are_told() {
        for names in [
            ["d/__init__.py", "d-1.data/purelib/d/__init__.py"],
            ["d-1.data/platlib/d/a.py", "d-1.data/purelib/d/a.py"],
            ["d-1.data/purelib/d", "d/__init__.py"],
            ["d-1.data/purelib/D/a.py", "d/a.py"],
            ["d-1.data/data/bin/run", "d-1.data/scripts/run"],
            ["d-1.data/data/Scripts/run", "d-1.data/scripts/run"],
            ["d-1.data/data/lib/python3.12/site-packages/d/a.py", "d/a.py"],
            ["d-1.data/data/Lib/site-packages/d/a.py", "d/a.py"],
            ["d-1.data/headers/a.h", "d-1.data/headers/A.h"],
            ["d-1.data/purelib/d-1.dist-info/direct_url.json", "d/a.py"],
            ["d-1.data/platlib/other-1.dist-info/METADATA", "d/a.py"],
        ] {
            let found = told(&names);
            assert!(found.len() == 1 && found[0].ends_with("[install-collision]"), "{names:?}: {found:?}");
        }
    }

    #[test]
    fn places_that_lead_apart_are_not() {
        for names in [
            ["d/a.py", "d-1.data/scripts/d"],
            ["d/a.py", "d-1.data/data/d/a.py"],
            ["d/", "d-1.data/purelib/d/"],
            ["d-1.dist-info/METADATA", "d/a.py"],
            ["d-1.data/headers/a.h", "d-1.data/data/include/a.h"],
            ["d-1.data/data/bin/", "d-1.data/scripts/run"],
        ] {
            assert!(told(&names).is_empty(), "{names:?}: {:?}", told(&names));
        }
    }
}
