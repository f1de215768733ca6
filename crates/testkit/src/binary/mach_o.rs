//! Mach-O files, thin and fat.

/// A file for one processor.
#[derive(Clone, Debug)]
pub struct MachO {
    /// `cputype`: `0x0100_0007` is x86_64, `0x0100_000c` is arm64.
    pub cpu: u32,
    /// Whether the header has 64 bits.
    pub wide: bool,
    /// Whether the most significant byte comes first.
    pub big: bool,
    /// Load commands, each a number and what follows it and its size.
    pub commands: Vec<(u32, Vec<u32>)>,
}

impl MachO {
    /// A library of 64 bits with one command that says nothing of versions (`LC_UUID`).
    pub fn new(cpu: u32) -> Self {
        Self { cpu, wide: true, big: false, commands: vec![(0x1b, vec![1, 2, 3, 4])] }
    }

    /// States the lowest macOS as linkers do today (`LC_BUILD_VERSION`).
    #[must_use]
    pub fn macos(self, major: u32, minor: u32) -> Self {
        self.built_for(1, major, minor)
    }

    /// The same for another platform: 2 is iOS.
    #[must_use]
    pub fn built_for(mut self, platform: u32, major: u32, minor: u32) -> Self {
        self.commands.push((0x32, vec![platform, major << 16 | minor << 8, 0, 0]));
        self
    }

    /// States the lowest macOS as linkers once did (`LC_VERSION_MIN_MACOSX`).
    #[must_use]
    pub fn old_macos(mut self, major: u32, minor: u32) -> Self {
        self.commands.push((0x24, vec![major << 16 | minor << 8, 0]));
        self
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        let commands: Vec<u8> = self.commands.iter().flat_map(|(command, rest)| self.command(*command, rest)).collect();
        let magic = if self.wide { 0xfeed_facf } else { 0xfeed_face };
        let fields = [magic, self.cpu, 0, 6, self.commands.len() as u32, commands.len() as u32, 0];
        let mut out: Vec<u8> = fields.iter().flat_map(|field| self.int(*field)).collect();
        if self.wide {
            out.extend(self.int(0));
        }
        out.extend(commands);
        out.extend([0xcc; 100]);
        out
    }

    fn command(&self, command: u32, rest: &[u32]) -> Vec<u8> {
        let size = 8 + 4 * rest.len() as u32;
        [command, size].iter().chain(rest).flat_map(|field| self.int(*field)).collect()
    }

    const fn int(&self, value: u32) -> [u8; 4] {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }
    }
}

/// A file for several processors: the number of each and its part.
pub fn fat(parts: &[(u32, Vec<u8>)]) -> Vec<u8> {
    joined(parts, 0xcafe_babe, |offset, size| [(offset as u32).to_be_bytes(), (size as u32).to_be_bytes()].concat(), 4)
}

/// The same with offsets of 64 bits.
pub fn fat_64(parts: &[(u32, Vec<u8>)]) -> Vec<u8> {
    joined(parts, 0xcafe_babf, |offset, size| [offset.to_be_bytes(), size.to_be_bytes()].concat(), 8)
}

fn joined(parts: &[(u32, Vec<u8>)], magic: u32, place: fn(u64, u64) -> Vec<u8>, after: usize) -> Vec<u8> {
    const PAGE: usize = 4096;
    let mut out = [magic.to_be_bytes(), (parts.len() as u32).to_be_bytes()].concat();
    let mut offset = PAGE;
    for (cpu, part) in parts {
        out.extend(cpu.to_be_bytes());
        out.extend([0; 4]);
        out.extend(place(offset as u64, part.len() as u64));
        out.extend(vec![0; after]);
        offset += part.len().next_multiple_of(PAGE);
    }
    for (_, part) in parts {
        out.resize(out.len().next_multiple_of(PAGE), 0);
        out.extend(part);
    }
    out
}
