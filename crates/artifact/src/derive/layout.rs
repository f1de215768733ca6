//! The output before it is written: which bytes come from the input and which are new. Pure.

use super::raw::{Place, Record};

/// A run of bytes of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    /// Bytes of the input as they are.
    Carried {
        /// Where they begin in the input.
        offset: u64,
        /// How many they are.
        length: u64,
    },
    /// Bytes that are new.
    Written(Vec<u8>),
}

/// The whole output.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    /// In the order of the output. No two carried ones of which one continues the other.
    pub(super) segments: Vec<Segment>,
    /// The length of the output in bytes.
    pub(super) size: u64,
}

/// A member of the input and what becomes of it.
pub(super) struct Part {
    /// Its record in the input's directory.
    pub(super) record: Record,
    /// Its name in the output.
    pub(super) name: String,
    /// Where its local header begins in the input.
    pub(super) header_offset: u64,
    /// Where its data begins in the input.
    pub(super) data_offset: u64,
    /// The length of its data in the input.
    pub(super) compressed: u64,
    /// The length of its content in the input.
    pub(super) size: u64,
    /// What becomes of it.
    pub(super) fate: Fate,
}

/// What becomes of a member.
pub(super) enum Fate {
    /// Header and data stay.
    Carried,
    /// The data stays behind a new local header.
    Renamed(Vec<u8>),
    /// Another content, stored.
    Changed(Vec<u8>),
}

/// Lays the output out. `parts` are in the order of the directory; the members keep both that order
/// and the one in which they lie in the file. The archive's comment is carried.
pub(super) fn lay_out(parts: &[Part], comment: &[u8]) -> Layout {
    let mut layout = Layout::default();
    let mut offsets = vec![0; parts.len()];
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|index| parts[*index].header_offset);
    for index in order {
        offsets[index] = layout.size;
        layout.put(&parts[index]);
    }
    let directory_offset = layout.size;
    let mut directory = Vec::new();
    for (part, offset) in parts.iter().zip(offsets) {
        part.write_record(offset, &mut directory);
    }
    let end = End { members: parts.len() as u64, size: directory.len() as u64, offset: directory_offset };
    end.write(comment, &mut directory);
    layout.write(directory);
    layout
}

impl Layout {
    fn put(&mut self, part: &Part) {
        match &part.fate {
            Fate::Carried => {
                let header = part.data_offset - part.header_offset;
                self.carry(part.header_offset, header + part.compressed);
            }
            Fate::Renamed(local) => {
                self.write(local.clone());
                self.carry(part.data_offset, part.compressed);
            }
            Fate::Changed(content) => {
                let mut bytes = Vec::with_capacity(content.len() + 128);
                part.written(content).write_local(&part.place(0), &mut bytes);
                bytes.extend(content);
                self.write(bytes);
            }
        }
    }

    fn carry(&mut self, from: u64, more: u64) {
        self.size += more;
        match self.segments.last_mut() {
            Some(Segment::Carried { offset, length }) if *offset + *length == from => *length += more,
            _ if more == 0 => {}
            _ => self.segments.push(Segment::Carried { offset: from, length: more }),
        }
    }

    fn write(&mut self, bytes: Vec<u8>) {
        self.size += bytes.len() as u64;
        match self.segments.last_mut() {
            Some(Segment::Written(before)) => before.extend(bytes),
            _ => self.segments.push(Segment::Written(bytes)),
        }
    }
}

impl Part {
    fn write_record(&self, offset: u64, out: &mut Vec<u8>) {
        let place = self.place(offset);
        match &self.fate {
            Fate::Carried | Fate::Renamed(_) => self.record.write(&place, out),
            Fate::Changed(content) => self.written(content).write(&place, out),
        }
    }

    fn written(&self, content: &[u8]) -> Record {
        Record::written(&self.name, crc32fast::hash(content), self.record.is_executable())
    }

    fn place(&self, offset: u64) -> Place<'_> {
        let (size, compressed) = match &self.fate {
            Fate::Carried | Fate::Renamed(_) => (self.size, self.compressed),
            Fate::Changed(content) => (content.len() as u64, content.len() as u64),
        };
        Place { name: &self.name, size, compressed, offset }
    }
}

/// What the end records say.
struct End {
    members: u64,
    size: u64,
    offset: u64,
}

impl End {
    /// Writes the records at the end; those of zip64 only if they are needed (APPNOTE 4.3.14 to
    /// 4.3.16).
    fn write(&self, comment: &[u8], out: &mut Vec<u8>) {
        let Self { members, size, offset } = *self;
        if members >= u16::MAX.into() || size >= u32::MAX.into() || offset >= u32::MAX.into() {
            self.write_64(out);
        }
        let members = u16::try_from(members).unwrap_or(u16::MAX).to_le_bytes();
        out.extend(b"PK\x05\x06");
        out.extend([0; 4]); // This disk, and that of the directory.
        out.extend([members, members].concat());
        for value in [size, offset] {
            out.extend(u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes());
        }
        out.extend(u16::try_from(comment.len()).unwrap_or(u16::MAX).to_le_bytes());
        out.extend(comment);
    }

    fn write_64(&self, out: &mut Vec<u8>) {
        /// The length of the record after this field.
        const LENGTH: u64 = 44;
        /// Made by, and needed: 4.5, which knows zip64.
        const VERSION: u16 = 45;
        let Self { members, size, offset } = *self;
        out.extend(b"PK\x06\x06");
        out.extend(LENGTH.to_le_bytes());
        out.extend([VERSION.to_le_bytes(), VERSION.to_le_bytes()].concat());
        out.extend([0; 8]); // This disk, and that of the directory.
        for value in [members, members, size, offset] {
            out.extend(value.to_le_bytes());
        }
        out.extend(b"PK\x06\x07");
        out.extend([0; 4]);
        out.extend((offset + size).to_le_bytes());
        out.extend(1_u32.to_le_bytes());
    }
}
