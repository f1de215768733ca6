//! A tar archive written header by header.

use super::entry::TarEntry;

/// Bytes of a block, and of a record: writers fill the archive up to whole records.
const BLOCK: usize = 512;
const RECORD: usize = 20 * BLOCK;

/// An archive to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TarBuilder {
    /// The headers in their order.
    pub entries: Vec<TarEntry>,
    /// What stands behind the last member, instead of two blocks of zeros and more zeros up to a
    /// whole record.
    pub end: Option<Vec<u8>>,
}

impl TarBuilder {
    /// An archive without members.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a header.
    #[must_use]
    pub fn entry(mut self, entry: TarEntry) -> Self {
        self.entries.push(entry);
        self
    }

    /// Adds a file; a long name is written as Python writes it, in a pax record.
    #[must_use]
    pub fn file(self, name: &str, content: &[u8]) -> Self {
        if name.len() <= 100 && name.is_ascii() {
            return self.entry(TarEntry::file(name, content));
        }
        let questioned: Vec<u8> = name.chars().map(|char| if char.is_ascii() { char as u8 } else { b'?' }).collect();
        let cut = &questioned[..questioned.len().min(100)];
        self.entry(TarEntry::pax(&[("path", name)])).entry(TarEntry::file(cut, content))
    }

    /// Adds a file; a long name is written as GNU tar writes it.
    #[must_use]
    pub fn gnu_file(self, name: &str, content: &[u8]) -> Self {
        if name.len() <= 100 {
            return self.entry(TarEntry::file(name, content).gnu());
        }
        let entry = TarEntry::file(&name.as_bytes()[..100], content).gnu();
        self.entry(TarEntry::gnu_long(b'L', name)).entry(entry)
    }

    /// Adds a folder.
    #[must_use]
    pub fn folder(self, name: &str) -> Self {
        self.entry(TarEntry::folder(name))
    }

    /// Changes the first header of this name; nothing if there is none.
    #[must_use]
    pub fn edit(mut self, name: &str, change: impl FnOnce(&mut TarEntry)) -> Self {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.name == name.as_bytes()) {
            change(entry);
        }
        self
    }

    /// Leaves out every header of this name.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.entries.retain(|entry| entry.name != name.as_bytes());
        self
    }

    /// Writes something else behind the last member.
    #[must_use]
    pub fn end(mut self, end: &[u8]) -> Self {
        self.end = Some(end.to_vec());
        self
    }

    /// The archive.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for entry in &self.entries {
            entry.write(&mut out);
        }
        match &self.end {
            Some(end) => out.extend(end),
            None => out.resize((out.len() + 2 * BLOCK).next_multiple_of(RECORD), 0),
        }
        out
    }
}
