//! Which of many objects are there, without a question for each where that would be many.

use std::collections::{BTreeMap, BTreeSet};

use trackside_domain::store::{ObjectKey, StoreKind};

use crate::Trouble;
use crate::store::Store;
use crate::together::all_together;

/// Questions to a server at the same time.
pub(crate) const AT_ONCE: usize = 64;
/// So many objects are asked for one by one; of more of them the folders are listed. Few questions cost the
/// same in a channel of any size, which listings do not.
const FEW: usize = 64;

/// The sizes of those objects that are there.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn present(store: &Store, keys: &[ObjectKey]) -> Result<BTreeMap<ObjectKey, u64>, Trouble> {
    let by_one = store.url().kind() == StoreKind::Folder || keys.len() <= FEW;
    let folders: BTreeSet<ObjectKey> = if by_one { BTreeSet::new() } else { folders(keys) };
    if folders.is_empty() {
        let heads = all_together(AT_ONCE, keys, |key| Ok::<_, Trouble>((key.clone(), store.head(key)?)))?;
        return Ok(heads.into_iter().filter_map(|(key, head)| Some((key, head?.size))).collect());
    }
    let wanted: BTreeSet<&ObjectKey> = keys.iter().collect();
    let folders: Vec<ObjectKey> = folders.into_iter().collect();
    let listings = all_together(AT_ONCE, &folders, |folder| Ok::<_, Trouble>(store.list(folder)?))?;
    let entries = listings.into_iter().flatten().filter(|entry| wanted.contains(&entry.key));
    Ok(entries.map(|entry| (entry.key, entry.size)).collect())
}

/// The folders that hold all these keys, none inside another; empty if a key lies in no folder.
fn folders(keys: &[ObjectKey]) -> BTreeSet<ObjectKey> {
    let parent = |key: &ObjectKey| key.as_str().rsplit_once('/').and_then(|(parent, _)| parent.parse().ok());
    let Some(parents) = keys.iter().map(parent).collect::<Option<BTreeSet<ObjectKey>>>() else {
        return BTreeSet::new();
    };
    let inside = |folder: &&ObjectKey| parents.iter().any(|outer| folder.below(outer).is_some());
    parents.iter().filter(|folder| !inside(folder)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_folder_is_listed_twice() {
        let keys = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<ObjectKey>>();
        let listed = |texts: &[&str]| folders(&keys(texts)).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(listed(&["whl/cpu/a", "whl/cpu/b", "whl/cu126/a"]), ["whl/cpu", "whl/cu126"]);
        assert_eq!(listed(&["whl/a", "whl/cpu/b", "libtorch/cpu/a", "whl2/a"]), ["libtorch/cpu", "whl", "whl2"]);
        assert!(listed(&["a", "whl/cpu/b"]).is_empty());
    }
}
