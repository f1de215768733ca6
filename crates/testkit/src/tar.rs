//! Tar archives and gzip streams written byte by byte: good ones as real writers leave them, and bad
//! ones for every rule that a reader must keep.
//!
//! Nothing here is shared with the reader, so a mistake cannot hide by being made twice.

mod archive;
mod entry;
mod gzip;
mod sdist;

pub use archive::TarBuilder;
pub use entry::{TarEntry, octal, pax_record};
pub use gzip::Gzip;
pub use sdist::SdistBuilder;
