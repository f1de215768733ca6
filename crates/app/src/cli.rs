//! The command line, as clap sees it. What a command does is in the file of its name in `commands/`.

mod artifact;
mod channel;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use trackside_domain::git::{BranchName, ObjectId};
use trackside_domain::manifest::Channel as Which;
use trackside_domain::name::{PackageName, RepositoryName};
use trackside_domain::plan::Restored;
use trackside_domain::plan::promote::Reading;
use trackside_domain::store::StoreUrl;
use trackside_domain::version::{Candidate, Line, Release};

pub use self::artifact::{Artifact, ArtifactDerive, ArtifactInspect, ArtifactVerify, SearchScope};
pub use self::channel::{Audit, Audited, Channel, ChannelArgs, Import, Index, PackageRelease};

/// Runs the release of a project of many repositories and channels.
///
/// Every command that changes something prints a plan and changes nothing; `--apply` performs
/// exactly that plan. A run can be killed anywhere: the same command goes on with it.
#[derive(Debug, Parser)]
#[command(name = "trackside", version, propagate_version = true, max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// The release repository: the folder with trackside.toml
    #[arg(long, global = true, value_name = "DIR", env = crate::environment::CONFIG)]
    pub config: Option<PathBuf>,
    /// How the answer is written
    #[arg(long, global = true, value_enum, default_value_t)]
    pub format: Format,
    /// Whether the answer is coloured
    #[arg(long, global = true, value_enum, default_value_t)]
    pub color: Color,
    /// Say nothing but the answer
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say more; for a plan: every effect and every diff
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Dies at a crash point, such as `cut-core/0:after-effect`; `rehearse --kill-everywhere` uses it
    #[arg(long, global = true, hide = true, value_name = "POINT")]
    pub die_at: Option<String>,
}

/// The forms of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Human,
    /// One JSON document with a schema version
    Json,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Whether the plan is performed.
#[derive(Debug, Clone, Copy, Args)]
pub struct Apply {
    /// Perform the plan (DRY_RUN=disabled means the same)
    #[arg(long)]
    pub apply: bool,
}

/// The verbs, in the order in which a release needs them.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write a commented trackside.toml
    Init(Init),
    /// Check the configuration, offline
    Check(Check),
    /// Print the JSON schema of the configuration
    Schema,
    /// Try what the stores really do: whether they refuse what they must, and who may read the backup
    Doctor,
    /// Show where everything is, what blocks, and the next command
    Status(Status),
    /// Cut the release branches of a line, with release-only edits and version bump
    Cut(Cut),
    /// Tag the next release candidate of everything that is due
    Candidate(CandidateArgs),
    /// Cherry-picks
    #[command(subcommand)]
    Pick(Pick),
    /// Take built artifacts into a candidate
    Stage(Stage),
    /// Read a sealed candidate back, install it, and record the verdict
    Verify(Verify),
    /// Put exactly the bytes of a verified candidate into the stable channel
    Promote(Promote),
    /// Yank in a channel, roll it back, audit it
    #[command(subcommand)]
    Channel(Channel),
    /// Check, rebuild and take in the pages of a channel
    #[command(subcommand)]
    Index(Index),
    /// Remove the artifacts of old candidates from the test store
    Prune(Prune),
    /// Bring a candidate or a release back from the backup
    Restore(Restore),
    /// List plans and runs
    Runs,
    /// Show a plan and its run
    Show(Show),
    /// Perform a stored plan
    Apply(ApplyPlan),
    /// Go on with a run
    Resume(Resume),
    /// Give up a run; what is done stays
    Withdraw(Withdraw),
    /// Look into wheels, sdists, source archives, conda packages and libtorch zips; needs no configuration
    #[command(subcommand)]
    Artifact(Artifact),
    /// Serve a channel over HTTP, read-only
    Serve(Serve),
    /// Run a whole release on this machine, with no account anywhere
    Rehearse(Rehearse),
    /// Print the completions of a shell
    Completions(Completions),
    /// Print the manual page
    Man,
}

#[derive(Debug, Args)]
pub struct Init {
    /// Where to write it
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// What to begin with
    #[arg(long, value_enum, default_value_t)]
    pub template: Template,
}

/// What a new configuration begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Template {
    /// Two repositories and their packages
    #[default]
    Small,
    /// The whole PyTorch train
    Pytorch,
}

#[derive(Debug, Args)]
pub struct Check {
    /// List the file names that the matrix expects, for one release or for all
    #[arg(long, value_name = "RELEASE", num_args = 0..=1)]
    pub matrix: Option<Option<Release>>,
}

#[derive(Debug, Args)]
pub struct Status {
    /// The line; all lines if it is left out
    pub line: Option<Line>,
}

#[derive(Debug, Args)]
pub struct Cut {
    /// The line, such as 2.15
    pub line: Line,
    /// One wave or repository, instead of all that are due today; a name that is both is the wave
    #[arg(long, value_name = "REPO|WAVE")]
    pub only: Option<String>,
    /// Cut from this branch (the scripts' GIT_BRANCH_TO_CUT_FROM)
    #[arg(long, value_name = "BRANCH")]
    pub from: Option<BranchName>,
    /// The version, where no file holds it (the scripts' RELEASE_VERSION)
    #[arg(long, value_name = "VERSION")]
    pub release_version: Option<String>,
    #[command(flatten)]
    pub apply: Apply,
}

#[derive(Debug, Args)]
pub struct CandidateArgs {
    /// The release, such as 2.15.0
    pub release: Release,
    /// One package, instead of all that are due
    #[arg(long, value_name = "PACKAGE")]
    pub only: Option<PackageName>,
    /// Tag again although nothing has changed, and why
    #[arg(long, value_name = "REASON")]
    pub again: Option<String>,
    #[command(flatten)]
    pub apply: Apply,
}

#[derive(Debug, Subcommand)]
pub enum Pick {
    /// Put commits on a release branch, each with the trailer of `git cherry-pick -x`
    Land(PickLand),
}

#[derive(Debug, Args)]
pub struct PickLand {
    /// The commits, by their full ids, in the order in which they are landed
    #[arg(required = true)]
    pub commits: Vec<ObjectId>,
    /// The line of the train
    #[arg(long, value_name = "LINE")]
    pub onto: Line,
    /// The repository; needed when several have these commits
    #[arg(long, value_name = "REPO")]
    pub repository: Option<RepositoryName>,
    #[command(flatten)]
    pub apply: Apply,
}

#[derive(Debug, Args)]
pub struct Stage {
    /// The candidate, such as 2.15.0-rc1
    pub candidate: Candidate,
    /// The folder with the built artifacts, or the URL of a store that builds upload to
    #[arg(long, value_name = "DIR|URL")]
    pub from: PathBuf,
    #[command(flatten)]
    pub apply: Apply,
}

#[derive(Debug, Args)]
pub struct Verify {
    /// The candidate, such as 2.15.0-rc1
    pub candidate: Candidate,
    #[command(flatten)]
    pub apply: Apply,
}

#[derive(Debug, Args)]
pub struct Promote {
    /// The release, such as 2.15.0
    pub release: Release,
    /// An older candidate than the newest; needs --reason
    #[arg(long, value_name = "CANDIDATE", requires = "reason")]
    pub candidate: Option<Candidate>,
    /// Why an older candidate is taken
    #[arg(long, value_name = "REASON", requires = "candidate")]
    pub reason: Option<String>,
    /// How much of what was copied is read in full; of the rest the sizes are compared
    #[arg(long, value_enum, default_value_t, value_name = "HOW MUCH")]
    pub read_back: ReadBack,
    #[command(flatten)]
    pub apply: Apply,
}

#[derive(Debug, Args)]
pub struct Prune {
    /// Candidates that nothing was written to for so many days
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub older_than: u32,
    /// How many candidates of each line stay in any case
    #[arg(long, value_name = "NUMBER", default_value_t = 2, value_parser = clap::value_parser!(u32).range(2..))]
    pub keep: u32,
    /// Remove them from the backup too
    #[arg(long)]
    pub backup: bool,
    #[command(flatten)]
    pub apply: Apply,
}

#[derive(Debug, Args)]
pub struct Restore {
    /// A candidate, such as 2.15.0-rc1, to where it was staged; or a release, such as 2.15.0, to where stable has it
    #[arg(value_name = "RELEASE|CANDIDATE")]
    pub what: Restored,
    /// The store: `test`, `stable`, `mirror-1` or a URL
    #[arg(long, value_name = "STORE")]
    pub to: String,
    #[command(flatten)]
    pub apply: Apply,
}

/// How much is read back, on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ReadBack {
    /// Every object
    #[default]
    All,
    /// Of each folder of each package one in thirty, at least one
    Sample,
}

impl From<ReadBack> for Reading {
    fn from(read_back: ReadBack) -> Self {
        match read_back {
            ReadBack::All => Self::All,
            ReadBack::Sample => Self::Sample,
        }
    }
}

#[derive(Debug, Args)]
pub struct Show {
    /// The beginning of the plan's digest
    pub digest: String,
}

#[derive(Debug, Args)]
pub struct ApplyPlan {
    /// The beginning of the plan's digest
    pub digest: String,
}

#[derive(Debug, Args)]
pub struct Resume {
    /// The beginning of the plan's digest; not needed while only one run is open
    pub digest: Option<String>,
    /// Take the run over from another operator, and why
    #[arg(long, value_name = "REASON")]
    pub take_over: Option<String>,
}

#[derive(Debug, Args)]
pub struct Withdraw {
    /// The beginning of the plan's digest
    pub digest: String,
    /// Why
    #[arg(long)]
    pub reason: String,
}

#[derive(Debug, Args)]
pub struct Serve {
    /// The channel whose store is served
    #[arg(long, value_enum, default_value = "stable")]
    pub channel: ServedChannel,
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub listen: std::net::SocketAddr,
}

/// A channel, on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ServedChannel {
    /// Candidates and what `test` points to
    Test,
    /// What was promoted
    Stable,
}

impl From<ServedChannel> for Which {
    fn from(channel: ServedChannel) -> Self {
        match channel {
            ServedChannel::Test => Self::Test,
            ServedChannel::Stable => Self::Stable,
        }
    }
}

#[derive(Debug, Args)]
pub struct Rehearse {
    /// Where the throw-away world is made; a new temporary folder if it is left out
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Keep all stores and the state below this one, such as `s3://bucket/prefix?endpoint=http://127.0.0.1:5000`
    #[arg(long, value_name = "URL", conflicts_with = "kill_everywhere")]
    pub store: Option<StoreUrl>,
    /// Stage these wheels instead of made ones
    #[arg(long, value_name = "DIR", conflicts_with = "kill_everywhere")]
    pub wheels: Option<PathBuf>,
    /// Run it again with a crash at every point of every effect
    #[arg(long)]
    pub kill_everywhere: bool,
}

#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}
