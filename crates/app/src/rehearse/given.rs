//! `--wheels DIR`: real wheels become the packages of a train, and what they need gets stand-ins.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use trackside_artifact::Contents;
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::finding::Policy;
use trackside_testkit::train::{Given, Requirement, Train};

use super::broken;
use crate::error::Failure;

/// Makes a train of the wheels in a folder.
pub(super) fn train(world: &Path, folder: &Path) -> Result<io::Result<Train>, Failure> {
    let usage = |error: &dyn std::fmt::Display| Failure::usage(format!("--wheels {}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| usage(&error))? {
        let path = entry.map_err(|error| usage(&error))?.path().canonicalize().map_err(broken)?;
        if path.extension().is_some_and(|extension| extension == "whl") {
            files.push(path);
        }
    }
    files.sort();
    let wheels = files.iter().map(|path| Given::of_file(path)).collect::<io::Result<Vec<_>>>();
    let wheels = wheels.map_err(|error| usage(&error))?;
    if wheels.is_empty() {
        return Err(usage(&"it holds no wheel"));
    }
    let own: BTreeSet<&str> = wheels.iter().map(|wheel| wheel.package.as_str()).collect();
    let mut needed = BTreeSet::new();
    for path in &files {
        let wheel = trackside_artifact::read(path, ArtifactKind::Wheel, &Policy::default())
            .map_err(|error| usage(&trackside_effects::with_causes(&error)))?;
        let Contents::Wheel(wheel) = wheel.contents else { continue };
        let metadata = String::from_utf8_lossy(&wheel.metadata_bytes).into_owned();
        needed.extend(metadata.lines().filter_map(requirement).filter(|needed| !own.contains(needed.name.as_str())));
    }
    let needed: Vec<Requirement> = needed.into_iter().collect();
    Ok(Train::of_wheels(world, wheels, &needed))
}

/// A version that fulfils a line `Requires-Dist`: the one that it names with `==`, `>=` or `~=`.
fn requirement(line: &str) -> Option<Requirement> {
    let text = line.strip_prefix("Requires-Dist:")?.trim();
    let (text, marker) = text.split_once(';').unwrap_or((text, ""));
    if marker.contains("extra") {
        return None;
    }
    let end = text.find(|char: char| !(char.is_ascii_alphanumeric() || "-_.".contains(char))).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let rest = rest.trim().trim_start_matches('[').trim_matches(['(', ')']);
    let named = rest.split(',').find_map(|part| {
        let part = part.trim().trim_matches(['(', ')']);
        ["===", "==", ">=", "~="].iter().find_map(|operator| part.strip_prefix(operator))
    });
    let version = named.map_or("1.0".to_owned(), |version| version.trim().replace(".*", ".0"));
    Some(Requirement { name: name.to_lowercase().replace(['_', '.'], "-"), version })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stand_in_has_a_version_that_is_asked_for() {
        for (line, wanted) in [
            ("Requires-Dist: torch==2.6.0", Some("torch 2.6.0")),
            ("Requires-Dist: numpy", Some("numpy 1.0")),
            ("Requires-Dist: pillow !=8.3.*,>=5.3.0", Some("pillow 5.3.0")),
            ("Requires-Dist: typing_extensions (>=4.8)", Some("typing-extensions 4.8")),
            ("Requires-Dist: scipy ; extra == 'scipy'", None),
            ("Requires-Python: >=3.9", None),
        ] {
            let found = requirement(line).map(|needed| format!("{} {}", needed.name, needed.version));
            assert_eq!(found.as_deref(), wanted, "{line}");
        }
    }
}
