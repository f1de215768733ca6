//! The findings of one read, collected within a bound.

use std::collections::BTreeMap;

use trackside_domain::finding::{Code, Finding};

use crate::limits::MAX_FINDINGS;

/// The findings of one read, in the order of their discovery. Bounded for each code: a hostile
/// archive must not fill the memory with complaints, nor hide a heavy one behind many light ones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
    seen: BTreeMap<Code, usize>,
}

impl Findings {
    /// Adds what is wrong with the artifact as a whole.
    pub(crate) fn archive(&mut self, code: Code, message: impl Into<String>) {
        if self.is_listed(code) {
            self.list.push(Finding { code, member: None, message: message.into() });
        }
    }

    /// Adds what is wrong with one member.
    pub(crate) fn member(&mut self, code: Code, member: &str, message: impl Into<String>) {
        if self.is_listed(code) {
            self.list.push(Finding { code, member: Some(escaped(member)), message: message.into() });
        }
    }

    /// Adds all of another list.
    pub(crate) fn append(&mut self, others: Self) {
        for finding in others.list {
            if self.is_listed(finding.code) {
                self.list.push(finding);
            }
        }
        for (code, seen) in others.seen {
            let listed = seen.min(MAX_FINDINGS);
            *self.seen.entry(code).or_default() += seen - listed;
        }
    }

    /// Adds all of another list as findings of this code, each with what it means here in front.
    pub(crate) fn append_as(&mut self, code: Code, meaning: &str, others: Self) {
        for finding in others.into_vec() {
            if self.is_listed(code) {
                let message = format!("{meaning}: {}", finding.message);
                self.list.push(Finding { code, message, ..finding });
            }
        }
    }

    /// Counts one more of this code and says whether there is room for it. Asked before a name is
    /// escaped, which takes longer than anything else that is done for a member.
    fn is_listed(&mut self, code: Code) -> bool {
        let seen = self.seen.entry(code).or_default();
        *seen += 1;
        *seen <= MAX_FINDINGS
    }

    /// Whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The list; for each code of which some were left out, one more finding says how many.
    pub(crate) fn into_vec(self) -> Vec<Finding> {
        let mut list = self.list;
        for (code, seen) in self.seen.into_iter().filter(|(_, seen)| *seen > MAX_FINDINGS) {
            let message = format!("{} more of this code are not listed", seen - MAX_FINDINGS);
            list.push(Finding { code, member: None, message });
        }
        list
    }
}

/// Names come from strangers: what is not plainly visible is escaped, and what is long is cut.
fn escaped(name: &str) -> String {
    const SHOWN: usize = 200;
    let mut shown: String = name.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if name.chars().nth(SHOWN).is_some() {
        shown.push_str("...");
    }
    shown
}
