//! For which processor a library is, by its first bytes alone: for archives that pass once.

use super::Machine;
use super::elf::DEVICES;

/// How many bytes in front are looked at.
pub(crate) const HEAD: usize = 1 << 10;

/// The processor of a program or library; none for what is none, or is for several. Of Windows only
/// libraries count: launchers for other processors are carried as data.
pub(crate) fn machine_of(head: &[u8]) -> Option<Machine> {
    match head {
        [0x7f, b'E', b'L', b'F', class @ (1 | 2), order @ (1 | 2), ..] => {
            let big = *order == 2;
            let number = short(head, 18, big)?;
            (!DEVICES.contains(&number)).then(|| Machine::of_elf(number, *class == 2, big))
        }
        [0xce | 0xcf, 0xfa, 0xed, 0xfe, rest @ ..] => {
            Some(Machine::of_mach_o(u32::from_le_bytes(*rest.first_chunk::<4>()?)))
        }
        [b'M', b'Z', ..] => {
            let at = usize::from(short(head, 0x3c, false)?);
            let header = head.get(at..)?;
            let library = short(header, 22, false)? & DLL != 0;
            (header.starts_with(b"PE\0\0") && library).then(|| Machine::of_pe(short(header, 4, false).unwrap_or(0)))
        }
        _ => None,
    }
}

/// The flag of a library in a PE file.
const DLL: u16 = 0x2000;

fn short(bytes: &[u8], at: usize, big: bool) -> Option<u16> {
    let two = *bytes.get(at..)?.first_chunk::<2>()?;
    Some(if big { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) })
}
