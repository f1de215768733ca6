//! ELF: the machine, and by the dynamic section the C library that is needed.

use super::input::{Fields, Input, Stop};
use super::machine::Machine;
use super::{Binary, Elf, verneed};

/// Code for processors beside the CPU, which travels as data: CUDA, AMD GPU, eBPF. No tag names them.
pub(super) const DEVICES: [u16; 3] = [190, 224, 247];

const ET_EXEC: u16 = 2;
const ET_DYN: u16 = 3;

const PT_LOAD: u32 = 1;
const PT_DYNAMIC: u32 = 2;

const DT_NULL: u64 = 0;
const DT_NEEDED: u64 = 1;
const DT_STRTAB: u64 = 5;
const DT_STRSZ: u64 = 10;
const DT_VERNEED: u64 = 0x6fff_fffe;
const DT_VERNEEDNUM: u64 = 0x6fff_ffff;

/// Bytes of names of needed libraries that are looked at.
const MAX_NAMES: u64 = 64 << 10;
/// Bytes of one such name; that of a C library is far shorter.
const MAX_NAME: u64 = 64;

/// Class and byte order.
#[derive(Clone, Copy)]
struct Layout {
    wide: bool,
    big: bool,
}

/// One program header.
struct Segment {
    kind: u32,
    offset: u64,
    address: u64,
    size: u64,
}

/// Reads a file that begins as ELF does.
pub(super) fn parse(input: &Input) -> Result<Binary, Stop> {
    let layout = match input.at(0, 6)? {
        [_, _, _, _, class @ (1 | 2), order @ (1 | 2)] => Layout { wide: *class == 2, big: *order == 2 },
        _ => return Err(Stop::Broken("its class or byte order is unknown")),
    };
    let Layout { wide, big } = layout;
    let header = Fields::new(input.at(0, if wide { 64 } else { 52 })?, big);
    let (kind, number) = (header.u16(16)?, header.u16(18)?);
    let machine = (!DEVICES.contains(&number)).then(|| Machine::of_elf(number, wide, big));
    let mut elf = Elf { machine, ..Elf::default() };
    // Objects to be linked and core files need nothing at run time.
    if machine.is_some() && (kind == ET_EXEC || kind == ET_DYN) {
        let segments = segments(input, header, layout)?;
        if let Some(dynamic) = segments.iter().find(|segment| segment.kind == PT_DYNAMIC && segment.size > 0) {
            needs(input, layout, &segments, dynamic, &mut elf)?;
        }
    }
    Ok(Binary::Elf(elf))
}

fn segments(input: &Input, header: Fields<'_>, Layout { wide, big }: Layout) -> Result<Vec<Segment>, Stop> {
    let offset = header.word(if wide { 32 } else { 28 }, wide)?;
    let size = u64::from(header.u16(if wide { 54 } else { 42 })?);
    let count = u64::from(header.u16(if wide { 56 } else { 44 })?);
    if count == 0 {
        return Ok(Vec::new());
    }
    if size < if wide { 56 } else { 32 } {
        return Err(Stop::Broken("its program headers are too small"));
    }
    let table = Fields::new(input.at(offset, size * count)?, big);
    let segment = |at: u64| {
        let word = |wide_at: u64, at_32: u64| table.word(at + if wide { wide_at } else { at_32 }, wide);
        let (offset, address, size) = (word(8, 4)?, word(16, 8)?, word(32, 16)?);
        Ok(Segment { kind: table.u32(at)?, offset, address, size })
    };
    (0..count).map(|index| segment(index * size)).collect()
}

/// What the dynamic section says; the first value of each entry counts, as there is one.
#[derive(Default)]
struct Dynamic {
    needed: Vec<u64>,
    strings: Option<u64>,
    strings_size: Option<u64>,
    versions: Option<u64>,
    versions_count: Option<u64>,
}

fn dynamic(fields: Fields<'_>, size: u64, wide: bool) -> Result<Dynamic, Stop> {
    let mut found = Dynamic::default();
    let entry = if wide { 16 } else { 8 };
    for index in 0..size / entry {
        let (tag, value) = (fields.word(index * entry, wide)?, fields.word(index * entry + entry / 2, wide)?);
        match tag {
            DT_NULL => break,
            DT_NEEDED => found.needed.push(value),
            DT_STRTAB => found.strings = Some(value),
            DT_STRSZ => found.strings_size = Some(value),
            DT_VERNEED => found.versions = Some(value),
            DT_VERNEEDNUM => found.versions_count = Some(value),
            _ => {}
        }
    }
    Ok(found)
}

fn needs(input: &Input, layout: Layout, segments: &[Segment], at: &Segment, elf: &mut Elf) -> Result<(), Stop> {
    let fields = Fields::new(input.at(at.offset, at.size)?, layout.big);
    let dynamic = dynamic(fields, at.size, layout.wide)?;
    if let (Some(address), Some(count)) = (dynamic.versions, dynamic.versions_count) {
        let versions = verneed::read(input, located(segments, address)?, count, layout.big)?;
        (elf.glibc, elf.glibc_private) = (versions.glibc, versions.private);
    }
    // musl has no symbol versions, so its name tells. What needs a version of glibc is glibc's, and
    // need not be asked: the names may lie at the very end of a large file.
    if let (None, Some(address), Some(size)) = (elf.glibc, dynamic.strings, dynamic.strings_size) {
        elf.musl = needs_musl(input, located(segments, address)?, size, &dynamic.needed)?;
    }
    Ok(())
}

/// Where in the file a byte of the loaded program lies.
fn located(segments: &[Segment], address: u64) -> Result<u64, Stop> {
    let offset = segments.iter().filter(|segment| segment.kind == PT_LOAD).find_map(|segment| {
        let into = address.checked_sub(segment.address).filter(|into| *into < segment.size)?;
        segment.offset.checked_add(into)
    });
    offset.ok_or(Stop::Broken("its dynamic section points outside of the file"))
}

/// Whether one of the needed libraries is musl's C library. Names further apart than the cap are not
/// looked at: no linker scatters them so, and the answer only adds a finding.
fn needs_musl(input: &Input, strings: u64, size: u64, needed: &[u64]) -> Result<bool, Stop> {
    let (Some(first), Some(last)) = (needed.iter().min(), needed.iter().max()) else {
        return Ok(false);
    };
    let length = last.saturating_add(MAX_NAME).min(size).saturating_sub(*first);
    if length == 0 || length > MAX_NAMES {
        return Ok(false);
    }
    let start = strings.checked_add(*first).ok_or(Stop::Broken("its names lie outside of the file"))?;
    let names = input.at(start, length)?;
    let name = |offset: &u64| {
        let from = usize::try_from(offset - first).ok().and_then(|from| names.get(from..))?;
        from.split(|byte| *byte == 0).next()
    };
    Ok(needed.iter().filter_map(name).any(|name| name == b"libc.so" || name.starts_with(b"libc.musl-")))
}
