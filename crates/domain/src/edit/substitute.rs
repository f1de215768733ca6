//! Replacing a text in many files, and the placeholders of replacements.

use std::borrow::Cow;
use std::collections::BTreeMap;

use regex::{NoExpand, Regex};

use super::{Count, EditContext, EditError, Find};

/// The placeholders that a replacement or version template may hold.
const PLACEHOLDERS: [&str; 4] = ["line", "train", "release", "branch"];

/// Puts the placeholders' values in their places. What stands behind a `$` is left to shells,
/// workflow expressions and regex groups.
pub(super) fn fill(template: &str, context: &EditContext) -> String {
    let value = |name: &str| match name {
        "line" => Some(context.line.to_string()),
        "train" => Some(context.train.to_string()),
        "release" => Some(context.release.to_string()),
        "branch" => Some(context.branch.to_string()),
        _ => None,
    };
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, name, after)) = next_placeholder(rest) {
        filled.push_str(before);
        match value(name) {
            Some(value) => filled.push_str(&value),
            None => filled.push_str(&rest[before.len()..rest.len() - after.len()]),
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// Splits a text at the first `{word}` that no `$` and no brace precedes.
fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices('{').find_map(|(at, _)| {
        let (before, from_brace) = text.split_at(at);
        let (name, after) = from_brace.strip_prefix('{')?.split_once('}')?;
        let word = !name.is_empty() && name.chars().all(|char| char.is_ascii_lowercase());
        (word && !before.ends_with(['$', '{']) && !after.starts_with('}')).then_some((before, name, after))
    })
}

/// A placeholder that is probably misspelt, and the one that was probably meant.
pub fn near_placeholder(template: &str) -> Option<(&str, &'static str)> {
    let mut rest = template;
    while let Some((_, name, after)) = next_placeholder(rest) {
        let near = PLACEHOLDERS.into_iter().find(|known| (1..=2).contains(&strsim::damerau_levenshtein(known, name)));
        if let Some(near) = near.filter(|_| !PLACEHOLDERS.contains(&name)) {
            return Some((name, near));
        }
        rest = after;
    }
    None
}

/// Replaces in all files, if the number of places is the declared one; returns what changed.
pub(super) fn everywhere(
    edit: &str,
    texts: &BTreeMap<String, &str>,
    find: &Find,
    replace: &str,
    wanted: Count,
) -> Result<BTreeMap<String, Vec<u8>>, EditError> {
    let pattern = match find {
        Find::Literal(text) => regex::escape(text),
        Find::Regex(pattern) => pattern.clone(),
    };
    let regex = Regex::new(&pattern).map_err(|error| EditError::regex(edit, &error))?;
    let files = || texts.keys().cloned().collect();
    let found = texts.values().map(|text| regex.find_iter(text).count()).sum();
    if !wanted.allows(found) {
        return Err(EditError::Count { edit: edit.to_owned(), files: files(), found, wanted });
    }
    let mut changed = BTreeMap::new();
    for (file, text) in texts {
        let new = match find {
            Find::Literal(_) => regex.replace_all(text, NoExpand(replace)),
            Find::Regex(_) => regex.replace_all(text, replace),
        };
        match new {
            Cow::Owned(new) if new != **text => {
                changed.insert(file.clone(), new.into_bytes());
            }
            Cow::Owned(_) | Cow::Borrowed(_) => {}
        }
    }
    if changed.is_empty() {
        return Err(EditError::NoChange { edit: edit.to_owned(), files: files() });
    }
    Ok(changed)
}

impl Count {
    fn allows(self, found: usize) -> bool {
        match self {
            Self::Exactly(count) => found == count as usize,
            // Zero places are never enough: an edit that finds nothing has gone stale.
            Self::AtLeast(count) => found >= (count as usize).max(1),
        }
    }
}
