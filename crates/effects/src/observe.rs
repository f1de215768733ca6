//! Observing the world, one file per verb that looks at it. Reading only, but for the cache folder.

mod candidate;
mod channel;
mod cut;
mod derivation;
mod facts;
mod pick;
mod promote;
mod stage;
mod status;
mod verify;

pub use candidate::candidate;
pub use channel::channel;
pub use cut::{CutRequest, cut};
pub use derivation::{DERIVATION_SUFFIX, derivation, derivation_path};
pub use facts::facts;
pub use pick::{pick, repositories_with};
pub use promote::promote;
pub use stage::stage;
pub use status::status;
pub use verify::verify;
