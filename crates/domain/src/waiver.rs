//! A waiver: a recorded exception to one gate, with its subject, reason, owner and last day.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::doctor::Probe;

/// An exception that the configuration declares. It is shown in every plan that makes use of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
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
    #[schemars(with = "String")]
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

    /// The first moment at which it is over.
    pub fn end(&self) -> Timestamp {
        let after = self.expires.tomorrow().map(|day| day.to_datetime(Time::midnight()));
        after.and_then(|after| TimeZone::UTC.to_timestamp(after)).unwrap_or(Timestamp::MAX)
    }

    /// What a plan says that makes use of it.
    pub fn note(&self) -> String {
        let Self { code, subject, reason, owner, expires } = self;
        let (code, danger) = (code.id(), code.danger());
        format!("waiver {code}: {subject} is not tried, until {expires}, for {owner}: {reason}; if {danger}")
    }
}
