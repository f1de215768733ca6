//! Where `ci/tools` has put the programs that tests start.

use std::io;
use std::path::PathBuf;

/// A file below `.tools`.
pub(super) fn tool(below: &str) -> io::Result<PathBuf> {
    // ci/check says where; plain `cargo test` takes the place where ci/tools puts it.
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools");
    let folder = std::env::var_os("TRACKSIDE_TOOLS").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let path = folder.join(below);
    if path.exists() {
        Ok(path)
    } else {
        Err(io::Error::new(io::ErrorKind::NotFound, format!("{} is missing: run ci/tools first", path.display())))
    }
}
