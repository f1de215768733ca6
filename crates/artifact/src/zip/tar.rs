//! Whether a file is a tar archive: a polyglot shows some readers one content and others another.

use crate::error::ReadError;
use crate::file::SourceFile;

const BLOCK: usize = 512;
/// Where a tar header keeps its checksum (POSIX ustar, and every older form).
const CHECKSUM: std::ops::Range<usize> = 148..156;

/// Whether the file begins with a tar header whose checksum is right.
pub(super) fn is_tar(source: &SourceFile) -> Result<bool, ReadError> {
    let Some(block) = source.bytes(0, BLOCK as u64)? else {
        return Ok(false);
    };
    let sum: u32 = block
        .iter()
        .enumerate()
        .map(|(index, byte)| u32::from(if CHECKSUM.contains(&index) { b' ' } else { *byte }))
        .sum();
    Ok(octal(&block[CHECKSUM]) == Some(sum))
}

fn octal(field: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(field).ok()?;
    u32::from_str_radix(text.trim_matches([' ', '\0']), 8).ok()
}
