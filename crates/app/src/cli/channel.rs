//! The arguments of the commands about whole channels.

use std::str::FromStr;

use clap::{Args, Subcommand};
use trackside_domain::file_name::FileName;
use trackside_domain::manifest::Channel as Which;
use trackside_domain::name::PackageName;
use trackside_domain::store::ObjectKey;
use trackside_domain::version::Release;

use super::{Apply, ServedChannel};

/// What is done to a whole channel.
#[derive(Debug, Subcommand)]
pub enum Channel {
    /// Tell installers to leave a release or a file alone (PEP 592)
    Yank(Yank),
    /// Take a yank back
    Unyank(Unyank),
    /// Make pages and map again what they were before the newest change; objects stay
    Rollback(ChannelArgs),
    /// Read everything again that a channel or a release has, in every store, and name every drift
    Audit(Audit),
}

/// What is done to the pages of a channel.
#[derive(Debug, Subcommand)]
pub enum Index {
    /// Compare map, manifests, pages and objects, and name every difference
    Check(IndexCheck),
    /// Make every page what it should be
    Rebuild(ChannelArgs),
    /// Take in what a channel had before trackside: its files where they lie, and its pages
    Import(Import),
}

#[derive(Debug, Args)]
pub struct Yank {
    /// The channel
    #[arg(value_enum)]
    pub channel: ServedChannel,
    /// The release, such as torchvision==0.30.0
    #[arg(value_name = "PACKAGE==VERSION")]
    pub release: PackageRelease,
    /// One file, instead of the whole release
    #[arg(long, value_name = "NAME")]
    pub file: Option<FileName>,
    /// Why; installers show it
    #[arg(long)]
    pub reason: String,
    #[command(flatten)]
    pub apply: Apply,
}

#[derive(Debug, Args)]
pub struct Unyank {
    /// The channel
    #[arg(value_enum)]
    pub channel: ServedChannel,
    /// The release, such as torchvision==0.30.0
    #[arg(value_name = "PACKAGE==VERSION")]
    pub release: PackageRelease,
    /// One file, instead of the whole release
    #[arg(long, value_name = "NAME")]
    pub file: Option<FileName>,
    #[command(flatten)]
    pub apply: Apply,
}

#[derive(Debug, Args)]
pub struct ChannelArgs {
    /// The channel
    #[arg(value_enum)]
    pub channel: ServedChannel,
    #[command(flatten)]
    pub apply: Apply,
}

#[derive(Debug, Args)]
pub struct Audit {
    /// The channel, or a promoted release of the train, such as 2.15.0
    #[arg(value_name = "CHANNEL|RELEASE")]
    pub what: Audited,
    /// Read every object, also those that are proved to be unchanged
    #[arg(long)]
    pub full: bool,
}

#[derive(Debug, Args)]
pub struct IndexCheck {
    /// The channel
    #[arg(value_enum)]
    pub channel: ServedChannel,
    /// Read every object and compare its digest
    #[arg(long)]
    pub digests: bool,
}

#[derive(Debug, Args)]
pub struct Import {
    /// The channel
    #[arg(value_enum)]
    pub channel: ServedChannel,
    /// Take the digest that the old pages say, where they agree, instead of reading the file
    #[arg(long)]
    pub trust_pages: bool,
    /// Take in files too that no old page links to
    #[arg(long)]
    pub take_unlinked: bool,
    /// Let the links of these packages to other indexes vanish
    #[arg(long, value_name = "NAME", num_args = 1..)]
    pub drop_links: Vec<PackageName>,
    /// Do not take in this object, nor read it if it is a page; or what lies below this folder, such as whl/cpu_old
    #[arg(long, value_name = "KEY", num_args = 1..)]
    pub leave_out: Vec<ObjectKey>,
    #[command(flatten)]
    pub apply: Apply,
}

/// What an audit is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audited {
    /// A whole channel.
    Channel(Which),
    /// One release of the train, in the stable channel.
    Release(Release),
}

impl FromStr for Audited {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let release = || text.parse().map(Self::Release);
        let neither = |_| format!("`{}` is neither `test`, `stable` nor a release", text.escape_debug());
        text.parse().map(Self::Channel).or_else(|_| release().map_err(neither))
    }
}

/// A release of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageRelease {
    /// The package.
    pub package: PackageName,
    /// Its version.
    pub version: String,
}

impl FromStr for PackageRelease {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (package, version) = text.split_once("==").ok_or("PACKAGE==VERSION is needed")?;
        let package = package.parse().map_err(|error| format!("{error}"))?;
        Ok(Self { package, version: version.to_owned() })
    }
}
