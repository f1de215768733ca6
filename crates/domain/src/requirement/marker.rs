//! The marker of a requirement: when it is needed.

use std::fmt;
use std::str::FromStr;

/// A marker whose form is right, as its words with one blank between them and one kind of quotes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Marker(String);

/// The variables (PEP 508, PEP 751), with the spellings from before PEP 508 that pip still reads.
const VARIABLES: [&str; 20] = [
    "dependency_groups",
    "extra",
    "extras",
    "implementation_name",
    "implementation_version",
    "os.name",
    "os_name",
    "platform.machine",
    "platform.python_implementation",
    "platform.version",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "python_full_version",
    "python_implementation",
    "python_version",
    "sys.platform",
    "sys_platform",
];

/// The comparisons, longer ones before their beginnings.
const COMPARISONS: [&str; 8] = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];

/// One word of a marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word<'a> {
    Open,
    Close,
    Value(&'a str),
    Comparison(&'a str),
    In,
    Not,
    Junction(&'a str),
}

/// What must come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    LeftOrOpen,
    Comparison,
    In,
    Right,
    JunctionOrClose,
}

impl FromStr for Marker {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words = words(text)?;
        if words.is_empty() {
            return Err("the marker is empty".to_owned());
        }
        check(&words)?;
        Ok(Self(words.iter().map(Word::normal).collect::<Vec<_>>().join(" ")))
    }
}

/// Walks over the words with a count of open parentheses in place of recursion.
fn check(words: &[Word<'_>]) -> Result<(), String> {
    let mut open = 0_usize;
    let mut next = Next::LeftOrOpen;
    for word in words {
        next = match (next, word) {
            (Next::LeftOrOpen, Word::Open) => {
                open += 1;
                Next::LeftOrOpen
            }
            (Next::LeftOrOpen, Word::Value(_)) => Next::Comparison,
            (Next::Comparison, Word::Comparison(_) | Word::In) | (Next::In, Word::In) => Next::Right,
            (Next::Comparison, Word::Not) => Next::In,
            (Next::Right, Word::Value(_)) => Next::JunctionOrClose,
            (Next::JunctionOrClose, Word::Junction(_)) => Next::LeftOrOpen,
            (Next::JunctionOrClose, Word::Close) if open > 0 => {
                open -= 1;
                Next::JunctionOrClose
            }
            _ => return Err(format!("`{}` stands at the wrong place in the marker", word.normal().escape_debug())),
        };
    }
    if next != Next::JunctionOrClose {
        return Err("the marker ends too early".to_owned());
    }
    if open > 0 {
        return Err("a `(` of the marker is not closed".to_owned());
    }
    Ok(())
}

fn words(text: &str) -> Result<Vec<Word<'_>>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (word, after) = take_word(rest)?;
        words.push(word);
        rest = after.trim_start();
    }
    Ok(words)
}

fn take_word(text: &str) -> Result<(Word<'_>, &str), String> {
    if let Some(rest) = text.strip_prefix('(') {
        return Ok((Word::Open, rest));
    }
    if let Some(rest) = text.strip_prefix(')') {
        return Ok((Word::Close, rest));
    }
    for quote in ['\'', '"'] {
        if let Some(inside) = text.strip_prefix(quote) {
            let end = inside.find(quote).ok_or("a quote of the marker is not closed")?;
            return Ok((Word::Value(&text[..end + 2]), &inside[end + 1..]));
        }
    }
    if let Some(comparison) = COMPARISONS.into_iter().find(|comparison| text.starts_with(comparison)) {
        return Ok((Word::Comparison(comparison), &text[comparison.len()..]));
    }
    let end = text.find(|char: char| !char.is_ascii_alphanumeric() && !"_.".contains(char)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let word = match name {
        "and" | "or" => Word::Junction(name),
        "in" => Word::In,
        "not" => Word::Not,
        _ if VARIABLES.contains(&name) => Word::Value(name),
        _ => {
            let shown: String = text.chars().take(40).collect();
            return Err(format!("`{}` is no word of a marker", shown.escape_debug()));
        }
    };
    Ok((word, rest))
}

impl Word<'_> {
    fn normal(&self) -> String {
        match self {
            Self::Open => "(".to_owned(),
            Self::Close => ")".to_owned(),
            Self::In => "in".to_owned(),
            Self::Not => "not".to_owned(),
            Self::Comparison(text) | Self::Junction(text) => (*text).to_owned(),
            Self::Value(text) => match text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
                Some(inside) if !inside.contains('"') => format!("\"{inside}\""),
                _ => (*text).to_owned(),
            },
        }
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_marker_is_read() {
        for (text, expected) in [
            ("os.name=='nt'", "os.name == \"nt\""),
            ("'3' >= python_version", "\"3\" >= python_version"),
            ("'\"' in extra", "'\"' in extra"),
            ("sys_platform not   in 'a b'", "sys_platform not in \"a b\""),
            ("extra=='a' and(extra=='b' or extra=='c')", "extra == \"a\" and ( extra == \"b\" or extra == \"c\" )"),
            ("'a'in extras", "\"a\" in extras"),
            ("implementation_version ~= '3.1'", "implementation_version ~= \"3.1\""),
            ("((os_name==''))", "( ( os_name == \"\" ) )"),
        ] {
            assert_eq!(text.parse::<Marker>().map(|marker| marker.to_string()).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_marker_is_refused() {
        for (text, expected) in [
            ("", "the marker is empty"),
            ("extra", "the marker ends too early"),
            ("extra ==", "the marker ends too early"),
            ("extra == 'a' and", "the marker ends too early"),
            ("extra == 'a", "a quote of the marker is not closed"),
            ("extra = 1", "`= 1` is no word of a marker"),
            ("color == 1", "`color == 1` is no word of a marker"),
            ("extra == 'a' extra", "`extra` stands at the wrong place in the marker"),
            ("extra not == 'a'", "`==` stands at the wrong place in the marker"),
            ("(extra == 'a'", "a `(` of the marker is not closed"),
            ("extra == 'a')", "`)` stands at the wrong place in the marker"),
            ("()", "`)` stands at the wrong place in the marker"),
            ("extra == 'a' or or extra == 'b'", "`or` stands at the wrong place in the marker"),
            ("python_version > 3", "`3` is no word of a marker"),
        ] {
            assert_eq!(text.parse::<Marker>(), Err(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn depth_costs_nothing() {
        let deep = format!("{}os_name == 'nt'{}", "(".repeat(5000), ")".repeat(5000));
        assert!(deep.parse::<Marker>().is_ok());
        assert!("(".repeat(16_000).parse::<Marker>().is_err());
    }
}
