//! One member of a zip, with both of its headers open to be falsified.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;

const MADE_BY_UNIX: u16 = 3 << 8 | 20;
/// Midnight.
const FIRST_OF_JANUARY_1980: u32 = 0x21 << 16;

/// The fields that stand in the local header and again in the central directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZipHeader {
    /// The name, any bytes.
    pub name: Vec<u8>,
    /// The version that a reader needs, times ten.
    pub needs: u16,
    /// Date and time as DOS has them: the date in the upper half.
    pub modified: u32,
    /// General purpose flags.
    pub flags: u16,
    /// 0 is stored, 8 is deflated.
    pub method: u16,
    /// The checksum of the content.
    pub crc: u32,
    /// Bytes as stored.
    pub compressed: u64,
    /// Bytes of the content.
    pub size: u64,
    /// Extra fields, raw; a zip64 field that is needed is put before them.
    pub extra: Vec<u8>,
    /// Write sizes (and offset) into a zip64 field although they would fit.
    pub zip64: bool,
}

/// A member. A new one is honest; every field may then be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZipEntry {
    /// The header before the data.
    pub local: ZipHeader,
    /// The record in the central directory.
    pub central: ZipHeader,
    /// The bytes between this member's header and the next one.
    pub data: Vec<u8>,
    /// The version of the writer; its system in the upper byte, where 3 is Unix.
    pub made_by: u16,
    /// The lowest bit says that it looks like text.
    pub internal_attributes: u16,
    /// Unix mode in the upper half.
    pub external_attributes: u32,
    /// The comment in the central directory.
    pub comment: Vec<u8>,
    /// The disk number in the central directory.
    pub disk: u16,
    /// Bytes of no member before the local header.
    pub gap: Vec<u8>,
    /// An offset to state instead of the true one.
    pub header_offset: Option<u64>,
    /// Whether the local header and the data are written.
    pub has_local: bool,
    /// Whether the central directory lists it.
    pub has_central: bool,
}

impl ZipEntry {
    /// A member that is stored as it is; a folder if the name ends with `/`.
    pub fn stored(name: impl AsRef<[u8]>, content: &[u8]) -> Self {
        Self::new(name.as_ref(), 0, content, content.to_vec())
    }

    /// A member that is deflated.
    pub fn deflated(name: impl AsRef<[u8]>, content: &[u8]) -> Self {
        Self::new(name.as_ref(), 8, content, deflate(content))
    }

    fn new(name: &[u8], method: u16, content: &[u8], data: Vec<u8>) -> Self {
        let header = ZipHeader {
            name: name.to_vec(),
            needs: 20,
            modified: FIRST_OF_JANUARY_1980,
            flags: if name.is_ascii() { 0 } else { 1 << 11 },
            method,
            crc: crc32fast::hash(content),
            compressed: data.len() as u64,
            size: content.len() as u64,
            extra: Vec::new(),
            zip64: false,
        };
        let mode: u32 = if name.ends_with(b"/") { 0o040_755 } else { 0o100_644 };
        Self {
            local: header.clone(),
            central: header,
            data,
            made_by: MADE_BY_UNIX,
            internal_attributes: 0,
            external_attributes: mode << 16,
            comment: Vec::new(),
            disk: 0,
            gap: Vec::new(),
            header_offset: None,
            has_local: true,
            has_central: true,
        }
    }

    /// Changes both headers alike.
    #[must_use]
    pub fn with(mut self, change: impl Fn(&mut ZipHeader)) -> Self {
        change(&mut self.local);
        change(&mut self.central);
        self
    }

    /// Sets the Unix mode, type bits included.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Self {
        self.external_attributes = mode << 16;
        self
    }

    pub(super) fn write_local(&self, out: &mut Vec<u8>) {
        out.extend(b"PK\x03\x04");
        self.local.write_common(out, None);
        out.extend(&self.local.name);
        out.extend(self.local.all_extra(None));
    }

    pub(super) fn write_central(&self, out: &mut Vec<u8>, offset: u64) {
        out.extend(b"PK\x01\x02");
        out.extend(self.made_by.to_le_bytes());
        self.central.write_common(out, Some(offset));
        out.extend(short(self.comment.len()));
        out.extend(self.disk.to_le_bytes());
        out.extend(self.internal_attributes.to_le_bytes());
        out.extend(self.external_attributes.to_le_bytes());
        out.extend(narrow(offset, self.central.zip64));
        out.extend(&self.central.name);
        out.extend(self.central.all_extra(Some(offset)));
        out.extend(&self.comment);
    }
}

impl ZipHeader {
    /// From "version needed" to the length of the extra fields.
    fn write_common(&self, out: &mut Vec<u8>, offset: Option<u64>) {
        for field in [self.needs, self.flags, self.method] {
            out.extend(field.to_le_bytes());
        }
        out.extend(self.modified.to_le_bytes());
        out.extend(self.crc.to_le_bytes());
        out.extend(narrow(self.compressed, self.zip64));
        out.extend(narrow(self.size, self.zip64));
        out.extend(short(self.name.len()));
        out.extend(short(self.all_extra(offset).len()));
    }

    fn all_extra(&self, offset: Option<u64>) -> Vec<u8> {
        let wide = [Some(self.size), Some(self.compressed), offset].into_iter().flatten();
        let values: Vec<u8> =
            wide.filter(|value| self.zip64 || *value > u32::MAX.into()).flat_map(u64::to_le_bytes).collect();
        let mut extra = if values.is_empty() { Vec::new() } else { extra_field(0x0001, &values) };
        extra.extend(&self.extra);
        extra
    }
}

/// One extra field: identifier, length, content.
pub fn extra_field(id: u16, content: &[u8]) -> Vec<u8> {
    [&id.to_le_bytes(), &short(content.len())[..], content].concat()
}

/// A 32-bit field, or the mark that says "see zip64".
fn narrow(value: u64, zip64: bool) -> [u8; 4] {
    let value = if zip64 { u32::MAX } else { u32::try_from(value).unwrap_or(u32::MAX) };
    value.to_le_bytes()
}

pub(super) fn short(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes()
}

fn deflate(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
    let written = encoder.write_all(content).and_then(|()| encoder.finish());
    written.expect("memory takes every byte")
}
