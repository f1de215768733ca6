//! Validators, and the conditions that requests put on them (RFC 9110, sections 8.8 and 13).

use std::time::SystemTime;

use jiff::Timestamp;
use jiff::fmt::rfc2822::{DateTimeParser, DateTimePrinter};

use super::open::Object;

/// What tells one state of an object from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Validators {
    /// A strong entity tag: equal tags mean equal bytes.
    pub(super) etag: String,
    /// The time of the last change, in whole seconds as HTTP has it; `None` if it is no date.
    pub(super) modified: Option<Timestamp>,
}

/// The conditions of a request.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Conditions<'a> {
    pub(super) if_none_match: Option<&'a str>,
    pub(super) if_modified_since: Option<&'a str>,
    pub(super) if_range: Option<&'a str>,
}

impl Validators {
    pub(super) fn of(object: &Object) -> Self {
        let since_epoch = object.modified.and_then(|modified| modified.duration_since(SystemTime::UNIX_EPOCH).ok());
        let seconds = since_epoch.and_then(|since_epoch| i64::try_from(since_epoch.as_secs()).ok());
        let modified = seconds.and_then(|second| Timestamp::from_second(second).ok());
        Self { etag: object.etag.clone(), modified }
    }

    /// The value of the `Last-Modified` header.
    pub(super) fn last_modified(&self) -> Option<String> {
        DateTimePrinter::new().timestamp_to_rfc9110_string(&self.modified?).ok()
    }

    /// Whether the requester already has this state.
    pub(super) fn unchanged(&self, conditions: &Conditions<'_>) -> bool {
        match (conditions.if_none_match, conditions.if_modified_since) {
            // Weak comparison: `W/` says nothing here.
            (Some(tags), _) => tags
                .split(',')
                .map(str::trim)
                .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.etag),
            (None, Some(date)) => self.modified.is_some() && self.modified <= timestamp(date),
            (None, None) => false,
        }
    }

    /// Whether a range of this state continues what the requester has.
    pub(super) fn continues(&self, conditions: &Conditions<'_>) -> bool {
        conditions.if_range.is_none_or(|have| {
            // A date must be the very same; a weak tag never fits.
            have.trim() == self.etag || (self.modified.is_some() && self.modified == timestamp(have))
        })
    }
}

fn timestamp(date: &str) -> Option<Timestamp> {
    // What is no date is no condition.
    DateTimeParser::new().parse_timestamp(date.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    fn validators() -> Validators {
        Validators { etag: "\"a-b-c\"".to_owned(), modified: timestamp(DATE) }
    }

    #[test]
    fn dates_are_those_of_http() {
        assert_eq!(validators().last_modified().as_deref(), Some(DATE));
    }

    #[test]
    fn a_state_that_the_requester_has_is_not_sent_again() {
        for (if_none_match, if_modified_since, unchanged) in [
            (None, None, false),
            (Some("\"a-b-c\""), None, true),
            (Some("W/\"a-b-c\""), None, true),
            (Some("\"x\", \"a-b-c\""), None, true),
            (Some("*"), None, true),
            (Some("\"x\""), None, false),
            (Some("a-b-c"), None, false),
            // The tag outweighs the date.
            (Some("\"x\""), Some(DATE), false),
            (None, Some(DATE), true),
            (None, Some("Sun, 06 Nov 1994 08:49:38 GMT"), true),
            (None, Some("Sun, 06 Nov 1994 08:49:36 GMT"), false),
            (None, Some("yesterday"), false),
        ] {
            let conditions = Conditions { if_none_match, if_modified_since, if_range: None };
            assert_eq!(validators().unchanged(&conditions), unchanged, "{conditions:?}");
        }
    }

    #[test]
    fn a_range_continues_only_the_same_state() {
        for (if_range, continues) in [
            (None, true),
            (Some("\"a-b-c\""), true),
            (Some(DATE), true),
            (Some("W/\"a-b-c\""), false),
            (Some("\"x\""), false),
            (Some("Sun, 06 Nov 1994 08:49:38 GMT"), false),
            (Some("yesterday"), false),
        ] {
            let conditions = Conditions { if_range, ..Conditions::default() };
            assert_eq!(validators().continues(&conditions), continues, "{if_range:?}");
        }
    }
}
