//! Wheels and zips written byte by byte: good ones that pip and uv install, and bad ones for every
//! rule that a reader must keep.
//!
//! Nothing here is shared with the reader, so a mistake cannot hide by being made twice.

mod base64url;
mod builder;
mod record;
mod zip;
mod zip_entry;

pub use builder::WheelBuilder;
pub use record::{record_line, record_of};
pub use zip::{EndRecord, ZipBuilder};
pub use zip_entry::{ZipEntry, ZipHeader, extra_field};
