//! Everything that touches a git repository: remotes through the `git` program, history and derived
//! objects in bare caches that can be lost, never a user's own repository.

mod cache;
mod classify;
mod command;
mod credentials;
mod derive;
mod error;
mod history;
mod process;
mod push;
mod refs;

pub use cache::{Cache, Caches};
pub use command::{Git, GitSettings, MINIMUM_VERSION};
pub use credentials::{ASKPASS, Credentials, Secret, answer_askpass};
pub use derive::{AlreadyBy, Changes, CommandRun, DeriveError, Derived, Pick};
pub use error::GitError;
pub use history::{LogEntry, TreeEntry, TreeKind};
pub use push::{PushOutcome, PushProgress, RefOutcome, Refusal};
pub use refs::{RefPattern, RemoteRef, RemoteRefs, ls_remote};
