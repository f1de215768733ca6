//! Release artifacts as bytes: read strictly, on a memory-bounded path, never unpacked to disk.
//!
//! [`verify`] takes nothing on trust: the framing of an archive must tile the file, the central
//! directory and the local headers must agree, every member must inflate to what is declared, and a
//! wheel must be what its file name, METADATA and RECORD say. It reports everything that it finds;
//! how heavy each finding is, a [`trackside_domain::finding::Policy`] says.

mod base64url;
mod error;
mod file;
mod finding;
mod headers;
mod libtorch;
pub mod limits;
mod metadata;
mod record;
mod report;
mod wheel;
mod wheel_file;
mod zip;

pub use error::ReadError;
pub use file::open_regular;
pub use metadata::Metadata;
pub use report::{Artifact, Contents, Report, read, verify};
pub use wheel::Wheel;
