//! Output made the same on every machine: paths, digests, times and machines get names.

use std::path::Path;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What differs from one machine and moment to the next.
static VARYING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?<temporary>\.trackside-tmp/\d+-\d+)",
        r"|(?<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z| UTC))",
        r"|(?<machine>@[0-9a-f]{8}\b)",
        r"|(?<hex>\b[0-9a-f]{10,64}\b)",
        r"|(?<done>\b\d+ of (?<of>\d+) effects done)",
        r"|(?<port>127\.0\.0\.1:\d+)",
        r"|(?<size>\d+(\.\d)? (([KMGT]i)?B|bytes)\b)",
    ))
    .unwrap()
});

/// The text without what varies.
pub(crate) fn normal(text: &str, root: &Path) -> String {
    let text = text.replace(&root.display().to_string(), "[WORLD]");
    let name = |found: &Captures<'_>| match ["temporary", "time", "machine", "hex", "done", "port", "size"]
        .into_iter()
        .find(|name| found.name(name).is_some())
    {
        Some("temporary") => ".trackside-tmp/[ID]".to_owned(),
        Some("time") => "[TIME]".to_owned(),
        Some("machine") => "@[MACHINE]".to_owned(),
        Some("hex") => "[ID]".to_owned(),
        // How many of several that go on at the same time are done when one fails is chance.
        Some("done") => format!("[N] of {} effects done", &found["of"]),
        Some("port") => "[HOST]".to_owned(),
        _ => "[SIZE]".to_owned(),
    };
    VARYING.replace_all(&text, name).into_owned()
}
