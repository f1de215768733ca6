//! Mach-O: the processor and the lowest macOS of each part of the file.

use super::input::{Fields, Input, Stop};
use super::machine::Machine;
use super::{Binary, PlatformVersion, Slice};

const FAT: u32 = 0xcafe_babe;
const FAT_64: u32 = 0xcafe_babf;

/// Java's class files have the magic number of fat files, and then their version, which began at 45.
const FIRST_JAVA: u32 = 45;

const LC_VERSION_MIN_MACOSX: u32 = 0x24;
const LC_BUILD_VERSION: u32 = 0x32;
const PLATFORM_MACOS: u32 = 1;

/// Reads a file that begins with the magic number of Mach-O; none if it is a Java class.
pub(super) fn parse(input: &Input) -> Result<Option<Binary>, Stop> {
    let magic = Fields::new(input.at(0, 4)?, true).u32(0)?;
    let slices = match magic {
        FAT | FAT_64 => fat(input, magic == FAT_64)?,
        _ => Some(vec![thin(input, 0, input.size())?]),
    };
    Ok(slices.map(Binary::MachO))
}

/// Whether a file that begins so is a Mach-O file, or at least may be.
pub(super) const fn is_magic(magic: [u8; 4]) -> bool {
    let number = u32::from_be_bytes(magic);
    matches!(number, FAT | FAT_64) || layout(number).is_some()
}

/// Whether a thin file is of 64 bits, and whether its most significant byte is first.
const fn layout(magic: u32) -> Option<(bool, bool)> {
    match magic {
        0xfeed_face => Some((false, true)),
        0xcefa_edfe => Some((false, false)),
        0xfeed_facf => Some((true, true)),
        0xcffa_edfe => Some((true, false)),
        _ => None,
    }
}

/// The parts of a fat file. A part may be a static library, which says no version.
fn fat(input: &Input, wide: bool) -> Result<Option<Vec<Slice>>, Stop> {
    let count = Fields::new(input.at(4, 4)?, true).u32(0)?;
    if count >= FIRST_JAVA {
        return Ok(None);
    }
    let entry = if wide { 32 } else { 20 };
    let table = Fields::new(input.at(8, entry * u64::from(count))?, true);
    let slice = |at: u64| {
        let machine = Machine::of_mach_o(table.u32(at)?);
        let (start, size) = (table.word(at + 8, wide)?, table.word(at + if wide { 16 } else { 12 }, wide)?);
        if input.at(start, size.min(8))? == b"!<arch>\n" {
            return Ok(Slice { machine, macos: None });
        }
        let slice = thin(input, start, size)?;
        if slice.machine == machine {
            Ok(slice)
        } else {
            Err(Stop::Broken("a part is for another machine than listed"))
        }
    };
    (0..u64::from(count)).map(|index| slice(index * entry)).collect::<Result<Vec<_>, Stop>>().map(Some)
}

/// The `size` bytes from `start` on as a file of one processor.
fn thin(input: &Input, start: u64, size: u64) -> Result<Slice, Stop> {
    let header = input.at(start, size.min(32))?;
    let magic = Fields::new(header, true).u32(0)?;
    let (wide, big) = layout(magic).ok_or(Stop::Broken("a part is no Mach-O file"))?;
    let header = Fields::new(header, big);
    let machine = Machine::of_mach_o(header.u32(4)?);
    let (count, length) = (header.u32(16)?, u64::from(header.u32(20)?));
    let before = if wide { 32 } else { 28 };
    if before + length > size {
        return Err(Stop::Broken("its load commands are cut short"));
    }
    let commands = input.at(start.saturating_add(before), length)?;
    Ok(Slice { machine, macos: lowest_macos(Fields::new(commands, big), count)? })
}

fn lowest_macos(commands: Fields<'_>, count: u32) -> Result<Option<PlatformVersion>, Stop> {
    let mut at = 0;
    for _ in 0..count {
        let (command, size) = (commands.u32(at)?, commands.u32(at + 4)?);
        let version = match command {
            LC_VERSION_MIN_MACOSX => Some(commands.u32(at + 8)?),
            LC_BUILD_VERSION if commands.u32(at + 8)? == PLATFORM_MACOS => Some(commands.u32(at + 12)?),
            _ => None,
        };
        if let Some(version) = version {
            return Ok(Some(PlatformVersion { major: version >> 16, minor: version >> 8 & 0xff }));
        }
        if size < 8 {
            return Err(Stop::Broken("a load command has no size"));
        }
        at += u64::from(size);
    }
    Ok(None)
}
