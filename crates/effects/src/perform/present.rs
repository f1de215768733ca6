//! Which of many objects are there, without a question for each.

use std::collections::{BTreeMap, BTreeSet};

use trackside_domain::store::{ObjectKey, StoreKind};

use crate::Trouble;
use crate::store::{Head, Store};
use crate::together::all_together;

/// Reads from a server at the same time.
pub(crate) const AT_ONCE: usize = 64;
/// Questions to a server at the same time, whose answers are short, and pages that are read.
pub(crate) const QUESTIONS: usize = 256;

/// The sizes of those objects that are there.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn present(store: &Store, keys: &[ObjectKey]) -> Result<BTreeMap<ObjectKey, u64>, Trouble> {
    Ok(heads(store, keys)?.into_iter().map(|(key, head)| (key, head.size)).collect())
}

/// What is known without reading them of those objects that are there. Of names that begin in the same way there
/// is one listing: the work grows with what is asked for, and not with the folders that it lies in.
///
/// # Errors
/// When the store cannot be read.
pub(crate) fn heads(store: &Store, keys: &[ObjectKey]) -> Result<BTreeMap<ObjectKey, Head>, Trouble> {
    // In a folder a name costs nothing to ask for.
    let one_by_one = store.url().kind() == StoreKind::Folder;
    let mut groups: BTreeMap<&str, BTreeSet<&ObjectKey>> = BTreeMap::new();
    for key in keys {
        groups.entry(if one_by_one { key.as_str() } else { stem(key) }).or_default().insert(key);
    }
    let groups: Vec<(&str, BTreeSet<&ObjectKey>)> = groups.into_iter().collect();
    let found = all_together(QUESTIONS, &groups, |(stem, keys)| match stem.parse() {
        Ok(beginning) if keys.len() > 1 => {
            let listed = store.list_beginning(&beginning)?.into_iter().filter(|entry| keys.contains(&entry.key));
            Ok::<_, Trouble>(listed.map(|entry| (entry.key, Head { size: entry.size, etag: entry.etag })).collect())
        }
        _ => {
            let mut found = Vec::new();
            for &key in keys {
                found.extend(store.head(key)?.map(|head| (key.clone(), head)));
            }
            Ok(found)
        }
    })?;
    Ok(found.into_iter().flatten().collect())
}

/// How a key begins: its folder and, of a name such as `torch-2.15.0+cu126-cp310-...`, the project and the version,
/// which the files of one release have in common.
fn stem(key: &ObjectKey) -> &str {
    let (text, name) = (key.as_str(), key.file_name());
    let local = name.find('+').unwrap_or(name.len());
    let tags = name.match_indices('-').nth(1).map_or(name.len(), |(index, _)| index);
    &text[..text.len() - name.len() + local.min(tags)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_release_begin_in_the_same_way() {
        let stem = |text: &str| stem(&text.parse().unwrap()).to_owned();
        assert_eq!(stem("whl/cpu/torch-2.15.0+cpu-cp310-cp310-linux_x86_64.whl"), "whl/cpu/torch-2.15.0");
        assert_eq!(stem("whl/torch-2.15.0-cp310-cp310-macosx_11_0_arm64.whl"), "whl/torch-2.15.0");
        assert_eq!(stem("whl/cpu/torch-2.15.0.tar.gz"), "whl/cpu/torch-2.15.0.tar.gz");
        assert_eq!(stem("a-b-c/d"), "a-b-c/d");
        assert_eq!(stem("a-b-c"), "a-b");
    }
}
