//! What is wrong with the configuration: every problem with its place, what is allowed there, and
//! what was probably meant.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One problem of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// The file, relative to the root of the release repository.
    pub file: String,
    /// The line, counted from 1; 0 if the file as a whole is meant.
    pub line: usize,
    /// The column in characters, counted from 1; 0 if the file as a whole is meant.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What may stand there.
    pub allowed: Vec<String>,
    /// What was probably meant.
    pub nearest: Option<String>,
}

/// Everything that one pass has found, sorted by place; there is at least one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, thiserror::Error)]
pub struct Problems {
    /// The problems.
    pub problems: Vec<Problem>,
    /// How many more there are that were not kept.
    pub more: usize,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.what)?,
            line => write!(f, "{}:{line}:{}: {}", self.file, self.column, self.what)?,
        }
        match (&self.nearest, self.allowed.as_slice()) {
            (Some(nearest), _) => write!(f, "; did you mean `{nearest}`?"),
            (None, []) => Ok(()),
            (None, allowed) => write!(f, "; allowed: {}", allowed.join(", ")),
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.problems.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        if self.more > 0 {
            write!(f, "\nand {} more", self.more)?;
        }
        Ok(())
    }
}

/// The name that was probably meant, if one is near enough.
pub(super) fn nearest<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let text = text.to_ascii_lowercase();
    let distance = |known: &str| strsim::damerau_levenshtein(&text, &known.to_ascii_lowercase());
    let best = known.into_iter().map(|known| (distance(known), known)).min()?;
    let limit = (text.chars().count().max(best.1.chars().count()) / 3).max(1);
    (best.0 <= limit).then_some(best.1)
}
