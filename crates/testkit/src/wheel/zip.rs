//! A zip archive written field by field.

use std::io;
use std::path::Path;

use super::zip_entry::{ZipEntry, short};

/// An archive to be. What it writes is sound unless an entry, a gap or an end record is changed.
#[derive(Clone, Debug, Default)]
pub struct ZipBuilder {
    /// The members, in the order of the file and of the directory.
    pub entries: Vec<ZipEntry>,
    /// Bytes before the first member.
    pub prefix: Vec<u8>,
    /// Bytes between the last member and the central directory.
    pub gap: Vec<u8>,
    /// The archive's comment.
    pub comment: Vec<u8>,
    /// Bytes after the end record and its comment.
    pub suffix: Vec<u8>,
    /// Write the zip64 end records although they are not needed.
    pub zip64: bool,
    /// Falsifies the plain end record.
    pub edit_end: Option<fn(&mut EndRecord)>,
    /// Falsifies the zip64 end record and its locator.
    pub edit_end_64: Option<fn(&mut EndRecord)>,
}

/// The fields of an end record; those that only one of the two kinds has say so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndRecord {
    /// The number of this disk.
    pub disk: u16,
    /// The disk on which the directory begins.
    pub directory_disk: u16,
    /// Members on this disk.
    pub here: u64,
    /// Members in all.
    pub members: u64,
    /// Bytes of the directory.
    pub size: u64,
    /// Where the directory begins.
    pub offset: u64,
    /// Plain: the stated length of the comment.
    pub comment_length: usize,
    /// Zip64: the stated length of the rest of the record.
    pub record_length: u64,
    /// Zip64: bytes after the known fields.
    pub extensible: Vec<u8>,
    /// Zip64: where the locator says that the record is.
    pub locator_offset: u64,
    /// Zip64: whether the record itself is written.
    pub has_record: bool,
    /// Zip64: whether the locator is written.
    pub has_locator: bool,
}

impl ZipBuilder {
    /// An archive without members.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a member that is stored.
    #[must_use]
    pub fn stored(self, name: impl AsRef<[u8]>, content: &[u8]) -> Self {
        self.entry(ZipEntry::stored(name, content))
    }

    /// Adds a member that is deflated.
    #[must_use]
    pub fn deflated(self, name: impl AsRef<[u8]>, content: &[u8]) -> Self {
        self.entry(ZipEntry::deflated(name, content))
    }

    /// Adds a member.
    #[must_use]
    pub fn entry(mut self, entry: ZipEntry) -> Self {
        self.entries.push(entry);
        self
    }

    /// Changes the first member of this name; nothing if there is none.
    #[must_use]
    pub fn edit(mut self, name: &str, change: impl FnOnce(&mut ZipEntry)) -> Self {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.central.name == name.as_bytes()) {
            change(entry);
        }
        self
    }

    /// Gives the first member of this name another content, stored; its headers stay honest.
    #[must_use]
    pub fn replace(self, name: &str, content: &[u8]) -> Self {
        self.edit(name, |entry| *entry = ZipEntry::stored(name, content))
    }

    /// Leaves out every member of this name.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.entries.retain(|entry| entry.central.name != name.as_bytes());
        self
    }

    /// The archive.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = self.prefix.clone();
        let mut directory = Vec::new();
        let mut members = 0;
        for entry in &self.entries {
            out.extend(&entry.gap);
            let offset = entry.header_offset.unwrap_or(out.len() as u64);
            if entry.has_local {
                entry.write_local(&mut out);
                out.extend(&entry.data);
            }
            if entry.has_central {
                entry.write_central(&mut directory, offset);
                members += 1;
            }
        }
        out.extend(&self.gap);
        let honest = EndRecord::honest(members, &directory, out.len() as u64, self.comment.len());
        out.extend(directory);
        if self.zip64 || !honest.fits() {
            honest.edited(self.edit_end_64).write_64(&mut out);
        }
        honest.edited(self.edit_end).write(&mut out, self.zip64);
        out.extend(&self.comment);
        out.extend(&self.suffix);
        out
    }

    /// Writes the archive to `path`.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn write_to(&self, path: &Path) -> io::Result<()> {
        std::fs::write(path, self.bytes())
    }
}

impl EndRecord {
    fn honest(members: u64, directory: &[u8], offset: u64, comment_length: usize) -> Self {
        let size = directory.len() as u64;
        Self {
            disk: 0,
            directory_disk: 0,
            here: members,
            members,
            size,
            offset,
            comment_length,
            record_length: 44,
            extensible: Vec::new(),
            locator_offset: offset + size,
            has_record: true,
            has_locator: true,
        }
    }

    fn edited(&self, change: Option<fn(&mut Self)>) -> Self {
        let mut edited = self.clone();
        if let Some(change) = change {
            change(&mut edited);
        }
        edited
    }

    fn fits(&self) -> bool {
        self.members <= u16::MAX.into() && self.size <= u32::MAX.into() && self.offset <= u32::MAX.into()
    }

    fn write(&self, out: &mut Vec<u8>, zip64: bool) {
        let u16 = |value: u64| if zip64 { u16::MAX } else { u16::try_from(value).unwrap_or(u16::MAX) }.to_le_bytes();
        let u32 = |value: u64| if zip64 { u32::MAX } else { u32::try_from(value).unwrap_or(u32::MAX) }.to_le_bytes();
        out.extend(b"PK\x05\x06");
        out.extend(self.disk.to_le_bytes());
        out.extend(self.directory_disk.to_le_bytes());
        out.extend(u16(self.here));
        out.extend(u16(self.members));
        out.extend(u32(self.size));
        out.extend(u32(self.offset));
        out.extend(short(self.comment_length));
    }

    fn write_64(&self, out: &mut Vec<u8>) {
        const VERSION: u16 = 45;
        if self.has_record {
            out.extend(b"PK\x06\x06");
            out.extend(self.record_length.to_le_bytes());
            out.extend(VERSION.to_le_bytes());
            out.extend(VERSION.to_le_bytes());
            out.extend(u32::from(self.disk).to_le_bytes());
            out.extend(u32::from(self.directory_disk).to_le_bytes());
            for field in [self.here, self.members, self.size, self.offset] {
                out.extend(field.to_le_bytes());
            }
            out.extend(&self.extensible);
        }
        if self.has_locator {
            out.extend(b"PK\x06\x07");
            out.extend(0_u32.to_le_bytes());
            out.extend(self.locator_offset.to_le_bytes());
            out.extend(1_u32.to_le_bytes());
        }
    }
}
