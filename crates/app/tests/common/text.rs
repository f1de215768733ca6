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
        r"|(?<port>127\.0\.0\.1:\d+)",
        r"|(?<size>\d+(\.\d)? (([KMGT]i)?B|bytes)\b)",
    ))
    .unwrap()
});

/// The text without what varies.
pub(crate) fn normal(text: &str, root: &Path) -> String {
    let text = text.replace(&root.display().to_string(), "[WORLD]");
    let name = |found: &Captures<'_>| match ["temporary", "time", "machine", "hex", "port", "size"]
        .into_iter()
        .find(|name| found.name(name).is_some())
    {
        Some("temporary") => ".trackside-tmp/[ID]",
        Some("time") => "[TIME]",
        Some("machine") => "@[MACHINE]",
        Some("hex") => "[ID]",
        Some("port") => "[HOST]",
        _ => "[SIZE]",
    };
    VARYING.replace_all(&text, name).into_owned()
}
