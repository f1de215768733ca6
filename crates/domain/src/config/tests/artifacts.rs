//! The table `[artifacts]`: what it means, and its mistakes.

use super::{LINE, MAIN, read};
use crate::artifact_set::Limits;
use crate::finding::{Code, Profile, Severity};
use crate::project::ArtifactRules;

/// The good configuration with more at its end.
fn with(table: &str) -> Result<ArtifactRules, String> {
    let main = format!("{MAIN}\n{table}\n");
    let first = MAIN.lines().count() + 1;
    let relative = |line: &str| match line.strip_prefix("trackside.toml:").and_then(|rest| rest.split_once(':')) {
        Some((number, rest)) => format!("{}:{rest}", number.parse::<usize>().unwrap_or_default() - first),
        None => line.to_owned(),
    };
    read(&main, LINE)
        .map(|project| project.artifacts)
        .map_err(|problems| problems.to_string().lines().map(relative).collect::<Vec<_>>().join("\n"))
}

#[test]
fn nothing_is_said_unless_something_is_written() {
    assert_eq!(with(""), Ok(ArtifactRules::default()));
    assert_eq!(with("[artifacts]"), Ok(ArtifactRules::default()));
}

#[test]
fn limits_are_bytes_or_have_a_unit_and_codes_are_raised_and_lowered() {
    let rules = with(
        "[artifacts]\nmax-file-size = 104857600\nmax-total-size = \"10 GB\"\n\n[artifacts.severity]\n\
         wheel-tags-differ = \"error\"\nname-not-normalised = \"ignore\"\nglibc-too-new = \"ignore\"",
    )
    .unwrap();
    assert_eq!(rules.limits, Limits { file: Some(104_857_600), total: Some(10_000_000_000) });
    let policy = rules.policy(Profile::Channel);
    let of = |code| policy.severity(code);
    assert_eq!(
        [Code::WheelTagsDiffer, Code::NameNotNormalised, Code::GlibcTooNew, Code::RecordStranger].map(of),
        [Severity::Error, Severity::Ignore, Severity::Ignore, Severity::Error]
    );
}

#[test]
fn every_mistake_is_told_with_its_place() {
    let severity = |line: &str| format!("[artifacts.severity]\n{line}");
    for (table, said) in [
        (
            severity("wheel-tag-differs = \"error\""),
            "2:1: no finding has the code `wheel-tag-differs`; did you mean `wheel-tags-differ`?",
        ),
        (
            severity("sunshine = \"error\""),
            "2:1: no finding has the code `sunshine`; trackside artifact codes lists them",
        ),
        (
            severity("trailing-data = \"ignore\""),
            "2:1: `trailing-data` is always an error, like all that is wrong with framing, name, version or RECORD \
             (source: PyPI: docs.pypi.org/archives)",
        ),
        (
            severity("record-hash-differs = \"warning\""),
            "2:1: `record-hash-differs` is always an error, like all that is wrong with framing, name, version or \
             RECORD (source: PEP 376, PEP 427: RECORD)",
        ),
        (severity("wheel-tags-differ = \"eror\""), "2:21: `wheel-tags-differ` cannot be `eror`; did you mean `error`?"),
        (
            "[artifacts]\nmax-file-size = \"1 zoll\"\nmax-total-size = 0".to_owned(),
            "2:17: `1 zoll` is no size: write bytes, or a number with kB, MB, GB, TB, KiB, MiB, GiB or TiB\n\
             3:18: `max-total-size` must not be zero",
        ),
        (
            "[artifacts]\nmax-filesize = 7".to_owned(),
            "2:1: unknown key `max-filesize` in [artifacts]; did you mean `max-file-size`?",
        ),
    ] {
        assert_eq!(with(&table), Err(said.to_owned()), "{table}");
    }
}
