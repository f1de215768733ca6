//! Keys from paths, for what a listing of a store finds.

use std::str::FromStr;

use super::{ArtifactKey, CondaKey, Home, IndexRoot, Part, StorageKey, Tree};

impl StorageKey {
    /// The key of a path, or `None` if the path is none of this layout.
    ///
    /// Pages are never found: whether `whl/x/index.html` belongs to a folder or to a package is
    /// not in the path.
    pub fn parse(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.split('/').collect();
        let key = match parts.as_slice() {
            ["candidates", candidate, "candidate.json"] => Self::CandidateRecord(parsed(candidate)?),
            ["candidates", candidate, "verdict", number] => {
                Self::Verdict { candidate: parsed(candidate)?, number: parsed(number.strip_suffix(".json")?)? }
            }
            ["candidates", candidate, "conda", below @ ..] => {
                let candidate = parsed(candidate)?;
                conda(IndexRoot::Candidate(candidate), Home::CondaCandidate(candidate), below)?
            }
            ["conda", "test", "sets", digest, file @ ..] => artifact(Home::CondaSet(parsed(digest)?), file)?,
            ["conda", "test", below @ ..] => Self::Conda(CondaKey::parse(IndexRoot::Test, below)?),
            ["conda", below @ ..] => conda(IndexRoot::Stable, Home::Stable(Tree::Conda), below)?,
            ["packages", package, candidate, "manifest", revision] => Self::Manifest {
                package: parsed(package)?,
                candidate: parsed(candidate)?,
                revision: parsed(revision.strip_suffix(".json")?)?,
            },
            ["packages", package, candidate, "files", file @ ..] => {
                artifact(Home::Candidate { package: parsed(package)?, candidate: parsed(candidate)? }, file)?
            }
            ["channels", channel] => Self::Channel(parsed(channel.strip_suffix(".json")?)?),
            ["channels", channel, "generations", number] => {
                Self::Generation { channel: parsed(channel)?, number: parsed(number.strip_suffix(".json")?)? }
            }
            ["channels", channel, "imported", package, digest] => Self::Imported {
                channel: parsed(channel)?,
                package: parsed(package)?,
                sha256: parsed(digest.strip_suffix(".json")?)?,
            },
            ["kept", digest] => Self::Kept(parsed(digest)?),
            ["promotions", release] => Self::Promotion(parsed(release.strip_suffix(".json")?)?),
            ["plans", digest] => Self::Plan(parsed(digest.strip_suffix(".json")?)?),
            [tree, file @ ..] => artifact(Home::Stable(Tree::from_path_part(tree)?), file)?,
            [] => return None,
        };
        // `Torch` and `000001` read as other spellings do; only the canonical path is the key's.
        (key.path() == path).then_some(key)
    }
}

/// Channel data, or else a package beside it.
fn conda(root: IndexRoot, home: Home, below: &[&str]) -> Option<StorageKey> {
    CondaKey::parse(root, below).map(StorageKey::Conda).or_else(|| artifact(home, below))
}

fn artifact(home: Home, below: &[&str]) -> Option<StorageKey> {
    let (folder, name) = match below {
        [name] => (None, name),
        [folder, name] => (Some(parsed(folder)?), name),
        _ => return None,
    };
    let (file, part) = match name.strip_suffix(Part::Metadata.suffix()) {
        Some(file) => (file, Part::Metadata),
        None => (*name, Part::File),
    };
    Some(StorageKey::Artifact(ArtifactKey { home, folder, file: parsed(file)?, part }))
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    // What does not parse is no key of ours, and the reason does not matter to a listing.
    text.parse().ok()
}
