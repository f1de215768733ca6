//! Release artifacts as bytes: read strictly, on a memory-bounded path, never unpacked to disk.
//!
//! [`verify`] takes nothing on trust: the framing of an archive must tile the file, the central
//! directory and the local headers must agree, every member must inflate to what is declared, and a
//! wheel must be what its file name, METADATA and RECORD say. It reports everything that it finds;
//! how heavy each finding is, a [`trackside_domain::finding::Policy`] says.

mod base64url;
mod binary;
mod conda;
pub mod derive;
mod entry_points;
mod error;
mod file;
mod finding;
mod headers;
mod inflate;
mod inspect;
mod layout;
mod libtorch;
pub mod limits;
mod metadata;
mod names;
mod platform_tag;
mod record;
mod report;
mod sdist;
mod set;
mod source;
mod tar;
mod turn;
mod unpack;
mod wheel;
mod wheel_file;
mod zip;

pub use binary::{Binaries, Machine, PlatformVersion};
pub use conda::{Conda, CondaFileName};
pub use error::ReadError;
pub use file::open_regular;
pub use inspect::{About, Blake2b256, Entry, Inspection, Said, inspect, inspect_open};
pub use metadata::Metadata;
pub use report::{Artifact, Contents, Report, read, verify, verify_open};
pub use sdist::{Sdist, SdistFileName};
pub use set::{Limits, SetFindings, check_set, set_file};
pub use wheel::Wheel;
