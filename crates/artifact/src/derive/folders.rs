//! The folders that are named after the version, and the new names of what lies in them.

use trackside_domain::wheel::WheelFileName;

/// Old and new prefixes of names, each with its slash.
pub(super) struct Folders {
    moves: [(String, String); 2],
}

impl Folders {
    pub(super) fn new(input: &WheelFileName, output: &WheelFileName) -> Self {
        let prefix = |file: &WheelFileName, kind: &str| format!("{}-{}.{kind}/", file.name(), file.version_text());
        Self { moves: ["dist-info", "data"].map(|kind| (prefix(input, kind), prefix(output, kind))) }
    }

    /// The new name of a member; none if it does not move.
    pub(super) fn renamed(&self, name: &str) -> Option<String> {
        self.moves.iter().find_map(|(from, to)| name.strip_prefix(from).map(|rest| format!("{to}{rest}")))
    }

    /// The new name of a member, or the one that it has.
    pub(super) fn name_after(&self, name: &str) -> String {
        self.renamed(name).unwrap_or_else(|| name.to_owned())
    }

    /// Whether a member of the input lies where the output puts its own.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        let folded = name.to_lowercase();
        self.moves.iter().any(|(from, to)| {
            let to = to.to_lowercase();
            (folded.starts_with(&to) || folded == to.trim_end_matches('/')) && !name.starts_with(from)
        })
    }
}
