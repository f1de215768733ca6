//! The arguments of `artifact`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use trackside_domain::finding::Profile;
use trackside_domain::size::ByteSize;

#[derive(Debug, Subcommand)]
pub enum Artifact {
    /// Show what files say about themselves, their sizes and their digests
    Inspect(ArtifactInspect),
    /// Read every byte of files and report everything that is wrong with them
    Verify(ArtifactVerify),
    /// Derive wheels of another version: what no rule names is carried over byte for byte
    Derive(ArtifactDerive),
    /// List every finding that there can be, and what it means in each profile
    Codes,
}

#[derive(Debug, Args)]
pub struct ArtifactInspect {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ArtifactVerify {
    /// The files, which are also compared with each other
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What they are meant for; `strict` for what has its derivation record beside it, else `channel`
    #[arg(long, value_enum)]
    pub profile: Option<ArtifactProfile>,
    /// How large each file may be: bytes, or a size such as `100 MB` or `1 GiB`
    #[arg(long, value_name = "SIZE")]
    pub max_file_size: Option<ByteSize>,
    /// How large all files may be together
    #[arg(long, value_name = "SIZE")]
    pub max_total_size: Option<ByteSize>,
}

#[derive(Debug, Args)]
#[command(disable_version_flag = true, group(clap::ArgGroup::new("what").required(true).args(["strip_local", "to_version", "check"])))]
pub struct ArtifactDerive {
    /// The wheels; with --check, input and output where they are not beside the record
    #[arg(value_name = "FILE", required_unless_present = "check")]
    pub files: Vec<PathBuf>,
    /// Prove that the wheels of this record differ in what it says and in nothing else; may be repeated
    #[arg(long, value_name = "RECORD", conflicts_with_all = ["out", "platform", "build", "edit", "keep", "verify"])]
    pub check: Vec<PathBuf>,
    /// Drop the local part of the version: 2.6.0+cu124 becomes 2.6.0
    #[arg(long)]
    pub strip_local: bool,
    /// The new version
    #[arg(long = "version", id = "to_version", value_name = "VERSION")]
    pub to_version: Option<String>,
    /// The new platform tags, joined with dots
    #[arg(long, value_name = "TAG[.TAG]")]
    pub platform: Option<String>,
    /// The new build tag
    #[arg(long, value_name = "TAG")]
    pub build: Option<String>,
    /// A text in which the new version replaces the old one, such as torch/version.py
    #[arg(long, value_name = "MEMBER")]
    pub edit: Vec<String>,
    /// A member that may still hold the old version
    #[arg(long, value_name = "MEMBER")]
    pub keep: Vec<String>,
    /// A requirement to be rewritten: 'torch==2.6.0+cu124 -> torch==2.6.0'
    #[arg(long, value_name = "FROM -> TO")]
    pub requirement: Vec<String>,
    /// A classifier to be dropped
    #[arg(long, value_name = "CLASSIFIER")]
    pub drop_classifier: Vec<String>,
    /// The folder for the new wheels and their records
    #[arg(long, value_name = "DIR", required_unless_present = "check")]
    pub out: Option<PathBuf>,
    /// Which members are searched for the old version
    #[arg(long, value_enum, default_value_t)]
    pub search: SearchScope,
    /// Verify every byte of the new wheels, by --profile, before they get their names
    #[arg(long)]
    pub verify: bool,
    /// By what the new wheels are judged
    #[arg(long, value_enum, default_value = "strict")]
    pub profile: ArtifactProfile,
}

/// Which members are searched for the old version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum SearchScope {
    /// Those that are text
    #[default]
    Text,
    /// All
    All,
}

/// A profile, on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ArtifactProfile {
    /// What installers cannot use is an error
    Channel,
    /// What PyPI refuses is an error too
    Pypi,
    /// What no correct build does is an error too
    Strict,
}

impl From<ArtifactProfile> for Profile {
    fn from(profile: ArtifactProfile) -> Self {
        match profile {
            ArtifactProfile::Channel => Self::Channel,
            ArtifactProfile::Pypi => Self::Pypi,
            ArtifactProfile::Strict => Self::Strict,
        }
    }
}
