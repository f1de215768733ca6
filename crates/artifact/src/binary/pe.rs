//! PE: the processor, and whether it matters.

use super::Binary;
use super::input::{Fields, Input, Stop};
use super::machine::Machine;

/// In `Characteristics`: it is a library.
const DLL: u16 = 0x2000;

/// Which data directory says that the code is for the .NET runtime.
const CLR_DIRECTORY: u64 = 14;

/// Reads a file that begins with `MZ`; none if it is for DOS, or text.
pub(super) fn parse(input: &Input) -> Result<Option<Binary>, Stop> {
    if input.size() < 64 {
        return Ok(None);
    }
    let header_at = u64::from(Fields::new(input.at(0x3c, 4)?, false).u32(0)?);
    if header_at.saturating_add(24) > input.size() {
        return Ok(None);
    }
    let bytes = input.at(header_at, 24)?;
    if !bytes.starts_with(b"PE\0\0") {
        return Ok(None);
    }
    let header = Fields::new(bytes, false);
    let length = u64::from(header.u16(20)?);
    let optional = Fields::new(input.at(header_at.saturating_add(24), length)?, false);
    // The runtime compiles such code for the processor it finds, whatever the header says.
    let machine = if is_managed(optional)? { None } else { Some(Machine::of_pe(header.u16(4)?)) };
    Ok(Some(Binary::Pe { machine, library: header.u16(22)? & DLL != 0 }))
}

fn is_managed(optional: Fields<'_>) -> Result<bool, Stop> {
    let (count_at, directories) = match optional.u16(0)? {
        0x10b => (92, 96),
        0x20b => (108, 112),
        _ => return Err(Stop::Broken("its optional header is of an unknown form")),
    };
    let listed = u64::from(optional.u32(count_at)?) > CLR_DIRECTORY;
    Ok(listed && optional.u32(directories + CLR_DIRECTORY * 8)? != 0)
}
