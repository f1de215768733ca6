//! Observing the world, one file per verb that looks at it. Reading only, but for the cache folder.

mod anaconda;
mod candidate;
mod channel;
mod conda;
mod cut;
mod derivation;
mod drift;
mod facts;
mod import;
mod pick;
mod promote;
mod prune;
mod rebuild;
mod restore;
mod rollback;
mod stage;
mod status;
mod verify;

pub use candidate::candidate;
pub use channel::{Interest, channel};
pub use cut::{CutRequest, cut};
pub use derivation::{DERIVATION_SUFFIX, derivation, derivation_path};
pub use drift::{Reading, drift};
pub use facts::facts;
pub use import::{Watch, import};
pub use pick::{pick, repositories_with};
pub use promote::promote;
pub use prune::prune;
pub use rebuild::rebuild;
pub use restore::restore;
pub use rollback::rollback;
pub use stage::{BuiltIn, stage};
pub use status::status;
pub use verify::verify;
