//! The files that `trackside init` writes: a small commented project, or the whole PyTorch train.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::MAIN;

/// Which configuration `init` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Template {
    /// Two repositories, two packages, every key explained.
    #[default]
    Small,
    /// Core, build tools, libraries and XLA of PyTorch, with their edits and their matrix.
    Pytorch,
}

impl Template {
    /// The files by their paths in the release repository.
    pub const fn files(self) -> [(&'static str, &'static str); 2] {
        match self {
            Self::Small => [
                (MAIN, include_str!("templates/small.toml")),
                ("lines/1.0.toml", include_str!("templates/small-line.toml")),
            ],
            Self::Pytorch => [
                (MAIN, include_str!("templates/pytorch.toml")),
                ("lines/2.15.toml", include_str!("templates/pytorch-line.toml")),
            ],
        }
    }
}
