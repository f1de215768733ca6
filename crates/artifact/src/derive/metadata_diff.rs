//! Two versions of METADATA side by side, read without the code that rewrites: do they differ in
//! more than the rules name?

use std::iter::Peekable;

use trackside_domain::derivation::Rules;
use trackside_domain::requirement::Requirement;

/// The first line that differs without a rule; none if there is no such line.
pub(super) fn first_strange_line(before: &[u8], after: &[u8], rules: &Rules) -> Option<String> {
    let (before, after) = (String::from_utf8_lossy(before), String::from_utf8_lossy(after));
    let (mut old, mut new) = (lines(&before), lines(&after));
    let mut in_headers = true;
    loop {
        match (old.peek().copied(), new.peek().copied()) {
            (None, None) => return None,
            (Some(line), Some(other)) if line == other || in_headers && is_ruled(line, other, rules) => {
                in_headers &= !line.trim().is_empty();
                new.next();
            }
            (Some(line), _) if in_headers && is_dropped(line, rules) => {}
            (_, Some(line)) | (Some(line), None) => return Some(line.trim_end().to_owned()),
        }
        old.next();
    }
}

fn lines(text: &str) -> Peekable<std::str::SplitInclusive<'_, char>> {
    text.split_inclusive('\n').peekable()
}

/// The value of a line of this field, and the end of the line.
fn value<'a>(line: &'a str, field: &str) -> Option<(&'a str, &'a str)> {
    let (name, value) = line.split_once(':')?;
    let end = &line[line.trim_end_matches(['\r', '\n']).len()..];
    name.eq_ignore_ascii_case(field).then(|| (value.trim(), end))
}

fn is_dropped(line: &str, rules: &Rules) -> bool {
    value(line, "Classifier").is_some_and(|(value, _)| rules.drop_classifiers.iter().any(|dropped| dropped == value))
}

fn is_ruled(line: &str, other: &str, rules: &Rules) -> bool {
    let both = |field| Some((value(line, field)?, value(other, field)?));
    if let Some(((_, end), (new, other_end))) = both("Version") {
        return new == rules.version.to && end == other_end;
    }
    let Some(((old, end), (new, other_end))) = both("Requires-Dist") else { return false };
    let parse = |text: &str| text.parse::<Requirement>().ok();
    let (Some(old), Some(new)) = (parse(old), parse(new)) else { return false };
    let meant = rules.requirements.iter().filter_map(|rule| Some((parse(&rule.from)?, parse(&rule.to)?)));
    let mut meant = meant.filter(|(from, _)| (&from.package, &from.wanted) == (&old.package, &old.wanted));
    end == other_end
        && (&old.extras, &old.marker) == (&new.extras, &new.marker)
        && meant.any(|(_, to)| (to.package, to.wanted) == (new.package.clone(), new.wanted.clone()))
}

#[cfg(test)]
mod tests {
    use trackside_domain::derivation::{RequirementRule, VersionChange};

    use super::*;

    const BEFORE: &str =
        "Name: a\nVersion: 1+x\nClassifier: C\nRequires-Dist: b==1+x ; os_name == 'nt'\n\nVersion: 1+x\n";
    const AFTER: &str = "Name: a\nVersion: 1\nRequires-Dist: b==1 ; os_name == 'nt'\n\nVersion: 1+x\n";

    fn strange(after: &str) -> Option<String> {
        let rules = Rules {
            requirements: vec![RequirementRule { from: "b==1+x".into(), to: "b==1".into() }],
            drop_classifiers: vec!["C".into()],
            ..Rules::new(VersionChange { from: "1+x".into(), to: "1".into() })
        };
        first_strange_line(BEFORE.as_bytes(), after.as_bytes(), &rules)
    }

    #[test]
    fn what_the_rules_name_may_differ() {
        assert_eq!(strange(AFTER), None);
        assert_eq!(strange(BEFORE), None);
    }

    #[test]
    fn nothing_else_may() {
        for (from, to) in [
            ("Name: a", "Name: b"),
            ("Version: 1\n", "Version: 2\n"),
            ("Version: 1\n", "Version: 1\r\n"),
            ("b==1 ;", "b==2 ;"),
            ("b==1 ;", "c==1 ;"),
            ("'nt'", "'posix'"),
            ("\n\nVersion: 1+x", "\n\nVersion: 1"),
            ("\n\nVersion: 1+x\n", "\n\n"),
            ("1+x\n", "1+x\nmore\n"),
            ("Requires-Dist", "Keywords: x\nRequires-Dist"),
        ] {
            assert!(strange(&AFTER.replace(from, to)).is_some(), "{from} -> {to}");
        }
    }
}
