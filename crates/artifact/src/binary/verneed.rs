//! The table of symbol versions that an ELF file needs of others (Linux Standard Base, "Symbol Version
//! Requirements").
//!
//! Each entry holds the hash of the version's name, which is what the loader compares first. So the
//! versions of glibc are known by their hashes, and the names, which may lie hundreds of megabytes
//! further on, are not read.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::PlatformVersion;
use super::input::{Fields, Input, Stop};

/// The table's size stands nowhere, so a small piece is tried first. Real tables have about 1 KiB.
const WINDOWS: [u64; 2] = [16 << 10, 1 << 20];

/// Entries of the largest table that fits.
const MAX_STEPS: u32 = (1 << 20) / 16;

/// What is needed of glibc.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Versions {
    /// The highest version.
    pub(super) glibc: Option<PlatformVersion>,
    /// Whether symbols are needed that glibc keeps for itself.
    pub(super) private: bool,
}

/// Reads the table of `count` entries at offset `table`.
pub(super) fn read(input: &Input, table: u64, count: u64, big: bool) -> Result<Versions, Stop> {
    let rest = input.size().saturating_sub(table);
    for window in WINDOWS {
        let fields = Fields::new(input.at(table, rest.min(window))?, big);
        if let Ok(versions) = walk(fields, count) {
            return Ok(versions);
        }
    }
    Err(Stop::Broken("its table of needed versions is damaged"))
}

/// Follows the chains: one entry for each library, and for each of those one for each version.
fn walk(fields: Fields<'_>, count: u64) -> Result<Versions, Stop> {
    let mut found = Versions::default();
    let mut steps = 0;
    let mut library = 0;
    for _ in 0..count {
        let mut version = library + u64::from(fields.u32(library + 8)?);
        for _ in 0..fields.u16(library + 2)? {
            steps += 1;
            if steps > MAX_STEPS {
                return Err(Stop::Broken("its table of needed versions goes round"));
            }
            found.add(fields.u32(version)?);
            version += u64::from(fields.u32(version + 12)?);
        }
        let next = fields.u32(library + 12)?;
        if next == 0 {
            break;
        }
        library += u64::from(next);
    }
    Ok(found)
}

impl Versions {
    fn add(&mut self, hash: u32) {
        self.glibc = self.glibc.max(KNOWN.get(&hash).copied());
        self.private |= hash == elf_hash(b"GLIBC_PRIVATE");
    }
}

/// The hashes of all names that glibc gives its versions, but one: `GLIBC_2.0` is also a version of
/// libgcc's, which wheels for musl need too, and no tag goes back that far. The third number, which
/// only versions up to 2.3 had, is dropped: no tag knows it.
static KNOWN: LazyLock<BTreeMap<u32, PlatformVersion>> = LazyLock::new(|| {
    let version = |minor| PlatformVersion { major: 2, minor };
    let plain = (1..100).map(|minor| (format!("GLIBC_2.{minor}"), version(minor)));
    let patched =
        (1..4).flat_map(|minor| (0..10).map(move |patch| (format!("GLIBC_2.{minor}.{patch}"), version(minor))));
    // Packed relative relocations, which loaders before 2.36 do not know.
    let relr = std::iter::once(("GLIBC_ABI_DT_RELR".to_owned(), version(36)));
    plain.chain(patched).chain(relr).map(|(name, version)| (elf_hash(name.as_bytes()), version)).collect()
});

/// The hash of the System V ABI.
const fn elf_hash(mut name: &[u8]) -> u32 {
    let mut hash = 0_u32;
    while let [byte, rest @ ..] = name {
        hash = (hash << 4).wrapping_add(*byte as u32);
        let high = hash & 0xf000_0000;
        hash = (hash ^ high >> 24) & !high;
        name = rest;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_that_linkers_write() {
        // As `readelf` shows them in the bytes of real tables.
        assert_eq!(elf_hash(b"GLIBC_2.2.5"), 0x0969_1a75);
        assert_eq!(elf_hash(b"GLIBC_2.17"), 0x0696_9197);
    }

    #[test]
    fn no_two_names_of_versions_share_a_hash() {
        assert_eq!(KNOWN.len(), 99 + 30 + 1);
        assert!(!KNOWN.contains_key(&elf_hash(b"GLIBC_PRIVATE")));
    }
}
