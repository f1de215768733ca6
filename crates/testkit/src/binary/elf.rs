//! An ELF file with a dynamic section and a table of needed versions.

/// A shared library to be. The order in the file is that of a linker: header, program headers, names,
/// versions, filler, dynamic section.
#[derive(Clone, Debug)]
pub struct ElfBuilder {
    /// `e_machine`.
    pub machine: u16,
    /// `e_type`: 3 is a shared library, 1 an object.
    pub kind: u16,
    /// Whether words have 64 bits.
    pub wide: bool,
    /// Whether the most significant byte comes first.
    pub big: bool,
    /// The libraries that are needed.
    pub needs: Vec<Needs>,
    /// Bytes between the versions and the dynamic section.
    pub filler: usize,
    /// Write the dynamic section before names and versions instead of after them.
    pub dynamic_first: bool,
    /// Write the names at the end, as patchelf does.
    pub names_last: bool,
}

/// A library that is needed, with the versions of its symbols; without any, no version is asked of it.
#[derive(Clone, Debug)]
pub struct Needs {
    /// The library.
    pub file: String,
    /// Its versions.
    pub versions: Vec<String>,
}

/// Where the file is loaded. Not zero, so that addresses are no offsets.
const BASE: u64 = 0x40_0000;

impl ElfBuilder {
    /// A library of 64 bits, least significant byte first, that needs nothing.
    pub const fn new(machine: u16) -> Self {
        Self {
            machine,
            kind: 3,
            wide: true,
            big: false,
            needs: Vec::new(),
            filler: 0,
            dynamic_first: false,
            names_last: false,
        }
    }

    /// The layout of 32 bits.
    #[must_use]
    pub const fn narrow(mut self) -> Self {
        self.wide = false;
        self
    }

    /// The other byte order.
    #[must_use]
    pub const fn big(mut self) -> Self {
        self.big = true;
        self
    }

    /// Adds a library with versions.
    #[must_use]
    pub fn needs(mut self, library: &str, versions: &[&str]) -> Self {
        let versions = versions.iter().map(|version| (*version).to_owned()).collect();
        self.needs.push(Needs { file: library.to_owned(), versions });
        self
    }

    /// Puts so many bytes between the versions and the dynamic section.
    #[must_use]
    pub const fn filler(mut self, bytes: usize) -> Self {
        self.filler = bytes;
        self
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        let (names, offsets) = self.names();
        let versions = self.versions(&offsets);
        let filler = vec![0x90; self.filler];
        let dynamic_size = self.dynamic(0, 0, &offsets, 0).len();
        let mut order: Vec<(char, usize)> = vec![('v', versions.len()), ('f', filler.len()), ('d', dynamic_size)];
        order.insert(if self.names_last { order.len() } else { 0 }, ('n', names.len()));
        if self.dynamic_first {
            order.sort_by_key(|(part, _)| *part != 'd');
        }
        let start = self.header_size() + 2 * self.segment_size();
        let place = |part: char| {
            start + order.iter().take_while(|(other, _)| *other != part).map(|(_, size)| size).sum::<usize>()
        };
        let total = start + order.iter().map(|(_, size)| size).sum::<usize>();
        let dynamic = self.dynamic(place('n'), place('v'), &offsets, names.len());

        let mut out = self.header();
        out.extend(self.segment(1, 0, total));
        out.extend(self.segment(2, place('d'), dynamic.len()));
        for (part, _) in &order {
            out.extend(match part {
                'n' => &names,
                'v' => &versions,
                'f' => &filler,
                _ => &dynamic,
            });
        }
        out
    }

    const fn header_size(&self) -> usize {
        if self.wide { 64 } else { 52 }
    }

    const fn segment_size(&self) -> usize {
        if self.wide { 56 } else { 32 }
    }

    fn header(&self) -> Vec<u8> {
        let mut out = b"\x7fELF".to_vec();
        out.extend([if self.wide { 2 } else { 1 }, if self.big { 2 } else { 1 }, 1, 0]);
        out.extend([0; 8]);
        out.extend([self.kind, self.machine].iter().flat_map(|half| self.half(*half)));
        out.extend(self.int(1));
        out.extend(self.word(0));
        out.extend(self.word(self.header_size() as u64));
        out.extend(self.word(0));
        out.extend(self.int(0));
        for half in [self.header_size(), self.segment_size(), 2, 0, 0, 0] {
            out.extend(self.half(half as u16));
        }
        out
    }

    /// A program header; the file is loaded as one piece.
    fn segment(&self, kind: u32, offset: usize, size: usize) -> Vec<u8> {
        let (offset, size) = (offset as u64, size as u64);
        let address = BASE + offset;
        let mut out = self.int(kind);
        if self.wide {
            out.extend(self.int(4));
        }
        out.extend([offset, address, address, size, size].iter().flat_map(|word| self.word(*word)));
        if !self.wide {
            out.extend(self.int(4));
        }
        out.extend(self.word(8));
        out
    }

    /// The names with the offset of each, libraries and versions in the order of their mention.
    fn names(&self) -> (Vec<u8>, Vec<usize>) {
        let (mut names, mut offsets) = (vec![0], Vec::new());
        for need in &self.needs {
            for name in std::iter::once(&need.file).chain(&need.versions) {
                offsets.push(names.len());
                names.extend(name.bytes().chain([0]));
            }
        }
        (names, offsets)
    }

    fn versions(&self, offsets: &[usize]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut offsets = offsets.iter();
        let needs: Vec<&Needs> = self.needs.iter().collect();
        let last = needs.iter().rposition(|need| !need.versions.is_empty());
        for (index, need) in needs.iter().enumerate() {
            let library = *offsets.next().expect("each library has a name");
            let count = need.versions.len();
            if count > 0 {
                let next = if Some(index) == last { 0 } else { 16 + 16 * count };
                out.extend(self.half(1));
                out.extend(self.half(count as u16));
                out.extend([library, 16, next].iter().flat_map(|int| self.int(*int as u32)));
            }
            for (place, version) in need.versions.iter().enumerate() {
                let name = *offsets.next().expect("each version has a name");
                out.extend(self.int(hash(version)));
                out.extend(self.half(0));
                out.extend(self.half(2 + place as u16));
                out.extend(self.int(name as u32));
                out.extend(self.int(if place + 1 == count { 0 } else { 16 }));
            }
        }
        out
    }

    fn dynamic(&self, names: usize, versions: usize, offsets: &[usize], names_size: usize) -> Vec<u8> {
        let mut entries = Vec::new();
        let mut index = 0;
        for need in &self.needs {
            entries.push((1, offsets[index] as u64));
            index += 1 + need.versions.len();
        }
        entries.extend([(5, BASE + names as u64), (10, names_size as u64)]);
        let asked = self.needs.iter().filter(|need| !need.versions.is_empty()).count() as u64;
        if asked > 0 {
            entries.extend([(0x6fff_fffe, BASE + versions as u64), (0x6fff_ffff, asked)]);
        }
        entries.push((0, 0));
        entries.iter().flat_map(|(tag, value)| [self.word(*tag), self.word(*value)].concat()).collect()
    }

    fn half(&self, value: u16) -> [u8; 2] {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    fn int(&self, value: u32) -> Vec<u8> {
        if self.big { value.to_be_bytes() } else { value.to_le_bytes() }.to_vec()
    }

    fn word(&self, value: u64) -> Vec<u8> {
        match (self.wide, self.big) {
            (true, true) => value.to_be_bytes().to_vec(),
            (true, false) => value.to_le_bytes().to_vec(),
            (false, _) => self.int(value as u32),
        }
    }
}

/// The hash of a version's name, as the System V ABI defines it: four bits a character, and what
/// would leave the 28 bits is folded back.
fn hash(name: &str) -> u32 {
    name.bytes().fold(0_u32, |hash, byte| {
        let sum = u64::from(hash) * 16 + u64::from(byte);
        let folded = sum ^ (sum >> 28 & 0xf) << 4;
        (folded & 0x0fff_ffff) as u32
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_linkers() {
        assert_eq!([hash("GLIBC_2.2.5"), hash("GLIBC_2.17")], [0x0969_1a75, 0x0696_9197]);
    }
}
