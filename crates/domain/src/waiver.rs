//! A waiver: a recorded exception to one gate, with its subject, reason, owner and last day.

use jiff::civil::Date;

use crate::doctor::Probe;

/// How the notes of plans about waivers begin.
const NOTE: &str = "waiver ";

/// An exception that the configuration declares. It is shown in every plan that makes use of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// What need not hold.
    pub code: Probe,
    /// The word for the store in which it need not hold, such as `stable` or `mirror-1`.
    pub subject: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day (UTC) on which a plan may be made or started with it.
    pub expires: Date,
}

impl Waiver {
    /// What can be waived at all: conditions that a release needs of a store, and can be made without by
    /// somebody who releases alone.
    pub const CODES: [Probe; 2] = [Probe::CreateOnly, Probe::CompareAndSwap];

    /// Whether it is about this condition of a store with these words, and not yet over.
    pub fn covers(&self, code: Probe, words: &[String], today: Date) -> bool {
        self.code == code && words.contains(&self.subject) && today <= self.expires
    }

    /// The note of a plan about a waiver that is not declared any more, if one of these is such a note.
    pub fn missing<'a>(notes: &'a [String], declared: &[Self]) -> Option<&'a str> {
        let declared: Vec<String> = declared.iter().map(Self::note).collect();
        // Overriding a gate by hand leaves a note of its own, which no configuration declares.
        let is_one = |note: &str| Self::CODES.iter().any(|code| note.starts_with(&format!("{NOTE}{}: ", code.id())));
        notes.iter().find(|note| is_one(note) && !declared.contains(note)).map(String::as_str)
    }

    /// What a plan says that makes use of it.
    pub fn note(&self) -> String {
        let Self { code, subject, reason, owner, expires } = self;
        let (code, danger) = (code.id(), code.danger());
        format!("{NOTE}{code}: {subject} is not tried, until {expires}, for {owner}: {reason}; if {danger}")
    }
}
