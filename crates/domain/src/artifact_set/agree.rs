//! The metadata of the files of one release against each other.

use std::collections::{BTreeMap, BTreeSet};

use super::{Fact, SetFile, SetFindings, releases, visible};
use crate::finding::Code;

/// Longer texts are told by what they are, not by what they say.
const SHOWN: usize = 80;

/// In each release, a file that says something else than most others is named.
pub(super) fn check(files: &[SetFile], findings: &mut SetFindings) {
    for release in releases(files).values() {
        for fact in Fact::ALL {
            check_fact(fact, release, files, findings);
        }
    }
}

fn check_fact(fact: Fact, release: &[usize], files: &[SetFile], findings: &mut SetFindings) {
    let said: Vec<(usize, &str)> =
        release.iter().filter_map(|index| Some((*index, stated(&files[*index], fact)?))).collect();
    let Some((usual, example)) = usual(&said) else {
        return;
    };
    for (index, value) in said.iter().filter(|(_, value)| *value != usual) {
        let told = |text: &str| {
            if text.len() > SHOWN { "another text".to_owned() } else { format!("`{}`", visible(text)) }
        };
        let difference = match fact {
            Fact::RequiresDist | Fact::ProvidesExtra => set_difference(value, usual),
            Fact::Description => "it is another text".to_owned(),
            Fact::MetadataVersion | Fact::Summary | Fact::RequiresPython => format!("it is {}", told(value)),
        };
        let message =
            format!("its {} is not that of `{}`: {difference}", fact.field(), files[example].name.escape_debug());
        findings.file(*index, fact.code(), message);
    }
}

fn stated(file: &SetFile, fact: Fact) -> Option<&str> {
    file.says.as_ref()?.facts.get(&fact).map(String::as_str)
}

/// What most files say, and the first that says it; of equally many, what is said first.
fn usual<'a>(said: &[(usize, &'a str)]) -> Option<(&'a str, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, value) in said {
        *counts.entry(value).or_default() += 1;
    }
    let most = counts.values().max()?;
    said.iter().find(|(_, value)| counts.get(value) == Some(most)).map(|(index, value)| (*value, *index))
}

/// What a list of lines has more and less than the usual one; the first few of each.
fn set_difference(value: &str, usual: &str) -> String {
    let only = |these: &str, those: &str| -> Vec<String> {
        let those: BTreeSet<&str> = those.lines().collect();
        these.lines().filter(|line| !those.contains(line)).map(|line| format!("`{}`", visible(line))).collect()
    };
    let few = |list: Vec<String>| match list.len() {
        0..=3 => list.join(", "),
        more => format!("{} and {} more", list[..3].join(", "), more - 3),
    };
    match (only(value, usual), only(usual, value)) {
        (more, less) if less.is_empty() => format!("more: {}", few(more)),
        (more, less) if more.is_empty() => format!("missing: {}", few(less)),
        (more, less) => format!("more: {}; missing: {}", few(more), few(less)),
    }
}

impl Fact {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::MetadataVersion,
        Self::Summary,
        Self::RequiresPython,
        Self::RequiresDist,
        Self::ProvidesExtra,
        Self::Description,
    ];

    /// The field of the metadata.
    pub const fn field(self) -> &'static str {
        match self {
            Self::MetadataVersion => "Metadata-Version",
            Self::Summary => "Summary",
            Self::RequiresPython => "Requires-Python",
            Self::RequiresDist => "Requires-Dist",
            Self::ProvidesExtra => "Provides-Extra",
            Self::Description => "Description",
        }
    }

    pub(super) const fn code(self) -> Code {
        match self {
            Self::MetadataVersion => Code::SetMetadataVersionDiffers,
            Self::Summary => Code::SetSummaryDiffers,
            Self::RequiresPython => Code::SetRequiresPythonDiffers,
            Self::RequiresDist => Code::SetRequiresDistDiffers,
            Self::ProvidesExtra => Code::SetProvidesExtraDiffers,
            Self::Description => Code::SetDescriptionDiffers,
        }
    }
}
