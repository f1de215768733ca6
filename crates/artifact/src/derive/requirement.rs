//! One requirement in the place of another, with extras, marker and blanks as they are written.

use trackside_domain::derivation::RequirementRule;
use trackside_domain::requirement::{Requirement, Wanted};

use super::error::Flaw;

/// A rule that was read.
pub(super) struct Rewrite {
    from: Requirement,
    /// The name to be written; none if it is the same package.
    name: Option<String>,
    /// The versions to be written.
    versions: String,
}

impl Rewrite {
    /// Reads a rule.
    pub(super) fn read(rule: &RequirementRule) -> Result<Self, Flaw> {
        let (from, to) = (plain(&rule.from)?, plain(&rule.to)?);
        if from == to {
            return Err(Flaw::RequirementSame(rule.from.clone()));
        }
        let written = cut(&rule.to);
        let name = (from.package != to.package).then(|| written.name.to_owned());
        Ok(Self { from, name, versions: written.versions.to_owned() })
    }

    /// The requirement as the rule makes it; none if the rule is for another one.
    pub(super) fn apply(&self, text: &str) -> Option<String> {
        let read: Requirement = text.parse().ok()?;
        if (&read.package, &read.wanted) != (&self.from.package, &self.from.wanted) {
            return None;
        }
        let Cut { name, between, after, .. } = cut(text);
        let name = self.name.as_deref().unwrap_or(name);
        Some(format!("{name}{between}{}{after}", self.versions))
    }
}

/// A requirement without extras, marker or address.
fn plain(text: &str) -> Result<Requirement, Flaw> {
    let read: Requirement =
        text.parse().map_err(|error| Flaw::Requirement { text: text.to_owned(), reason: format!("{error}") })?;
    if read.extras.is_empty() && read.marker.is_none() && matches!(read.wanted, Wanted::Versions(_)) {
        Ok(read)
    } else {
        Err(Flaw::RequirementTooMuch(text.to_owned()))
    }
}

/// A requirement, cut where its name and its versions begin and end.
struct Cut<'a> {
    name: &'a str,
    between: &'a str,
    versions: &'a str,
    after: &'a str,
}

/// Cuts what [`Requirement`] has read: a name, perhaps extras, versions with or without parentheses.
fn cut(text: &str) -> Cut<'_> {
    let text = text.trim();
    let end = text.find(|char: char| !char.is_ascii_alphanumeric() && !"-_.".contains(char)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let blanks = |text: &str| text.len() - text.trim_start().len();
    let extras = rest[blanks(rest)..].starts_with('[');
    let start = if extras { rest.find(']').map_or(rest.len(), |close| close + 1) } else { 0 };
    let mut versions = start + blanks(&rest[start..]);
    let stop = if rest[versions..].starts_with('(') {
        versions += 1 + blanks(&rest[versions + 1..]);
        rest.find(')').unwrap_or(rest.len())
    } else {
        rest.find(';').unwrap_or(rest.len())
    };
    let found = rest[versions..stop].trim_end();
    if found.is_empty() {
        // New ones follow the name or the extras at once.
        versions = start;
    }
    Cut { name, between: &rest[..versions], versions: found, after: &rest[versions + found.len()..] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(from: &str, to: &str, text: &str) -> Option<String> {
        Rewrite::read(&RequirementRule { from: from.into(), to: to.into() }).unwrap().apply(text)
    }

    #[test]
    fn what_the_rule_does_not_name_stays_as_written() {
        for (from, to, text, expected) in [
            ("torch==2.0+cu1", "torch==2.0", "torch==2.0+cu1", "torch==2.0"),
            ("torch==2.0+cu1", "torch == 2.0", "Torch (==2.0+cu1)", "Torch (== 2.0)"),
            (
                "torch==2.0+cu1",
                "torch==2.0",
                "torch[a, b] == 2.0+cu1 ; os_name=='nt'",
                "torch[a, b] ==2.0 ; os_name=='nt'",
            ),
            ("torch<3,>=2", "torch>=2", "torch >=2, <3;extra=='x'", "torch >=2;extra=='x'"),
            ("a-b==1", "c==2", "a_b==1; extra == 'x'", "c==2; extra == 'x'"),
            ("torch", "torch==2", "torch ; os_name=='nt'", "torch==2 ; os_name=='nt'"),
            ("torch", "torch==2", "torch[x]", "torch[x]==2"),
            ("torch==2", "torch", "torch==2", "torch"),
        ] {
            assert_eq!(apply(from, to, text).as_deref(), Some(expected), "{from} -> {to} on {text}");
        }
    }

    #[test]
    fn another_requirement_is_left_alone() {
        for text in ["torchvision==2.0+cu1", "torch==2.0", "torch==2.0+cu1,<3", "torch @ https://x", "torch", "(", ""] {
            assert_eq!(apply("torch==2.0+cu1", "torch==2.0", text), None, "{text}");
        }
    }
}
