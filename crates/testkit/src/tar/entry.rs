//! One member of a tar, with every field of its header open to be falsified.

/// A header and what stands behind it. A new one is honest; every field may then be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TarEntry {
    /// The name, at most 100 bytes.
    pub name: Vec<u8>,
    /// The mode, 8 bytes.
    pub mode: Vec<u8>,
    /// The user's number, 8 bytes.
    pub uid: Vec<u8>,
    /// The group's number, 8 bytes.
    pub gid: Vec<u8>,
    /// The size, 12 bytes.
    pub size: Vec<u8>,
    /// The time of the last change, 12 bytes.
    pub mtime: Vec<u8>,
    /// The checksum to state instead of the true one, 8 bytes.
    pub checksum: Option<Vec<u8>>,
    /// `0` is a file, `5` a folder, `2` a symbolic link.
    pub kind: u8,
    /// The target of a link, at most 100 bytes.
    pub link: Vec<u8>,
    /// Magic number and version, 8 bytes.
    pub magic: Vec<u8>,
    /// The user's name, at most 32 bytes.
    pub user: Vec<u8>,
    /// The major number of a device, 8 bytes.
    pub major: Vec<u8>,
    /// The prefix of the name, at most 155 bytes.
    pub prefix: Vec<u8>,
    /// The last 12 bytes of the header.
    pub rest: Vec<u8>,
    /// What stands behind the header.
    pub data: Vec<u8>,
    /// What fills the last block of the data, instead of zeros.
    pub padding: Option<Vec<u8>>,
}

impl TarEntry {
    /// A header with data and its size.
    pub fn new(kind: u8, name: impl AsRef<[u8]>, data: &[u8]) -> Self {
        Self {
            name: name.as_ref().to_vec(),
            mode: octal(if kind == b'5' { 0o755 } else { 0o644 }, 8),
            uid: octal(1000, 8),
            gid: octal(1000, 8),
            size: octal(data.len() as u64, 12),
            mtime: octal(1_700_000_000, 12),
            checksum: None,
            kind,
            link: Vec::new(),
            magic: b"ustar\x0000".to_vec(),
            user: b"builder".to_vec(),
            major: octal(0, 8),
            prefix: Vec::new(),
            rest: Vec::new(),
            data: data.to_vec(),
            padding: None,
        }
    }

    /// A file.
    pub fn file(name: impl AsRef<[u8]>, content: &[u8]) -> Self {
        Self::new(b'0', name, content)
    }

    /// A folder; its name should end with a slash.
    pub fn folder(name: impl AsRef<[u8]>) -> Self {
        Self::new(b'5', name, b"")
    }

    /// A symbolic link.
    pub fn symlink(name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        Self { link: target.as_ref().to_vec(), ..Self::new(b'2', name, b"") }
    }

    /// A hard link.
    pub fn hard_link(name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        Self { link: target.as_ref().to_vec(), ..Self::new(b'1', name, b"") }
    }

    /// pax records for the next member.
    pub fn pax(records: &[(&str, &str)]) -> Self {
        let data: Vec<u8> =
            records.iter().flat_map(|(key, value)| pax_record(key.as_bytes(), value.as_bytes())).collect();
        Self::new(b'x', "././@PaxHeader", &data)
    }

    /// GNU's long name (`L`) or long target (`K`) for the next member.
    pub fn gnu_long(kind: u8, name: impl AsRef<[u8]>) -> Self {
        Self::new(kind, "././@LongLink", &[name.as_ref(), b"\0"].concat()).gnu()
    }

    /// The header in the form of GNU tar.
    #[must_use]
    pub fn gnu(self) -> Self {
        Self { magic: b"ustar  \0".to_vec(), ..self }
    }

    /// Changes fields.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut header = self.header(b"        ");
        let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
        let honest = format!("{sum:06o}\0 ").into_bytes();
        header[148..156].copy_from_slice(self.checksum.as_deref().unwrap_or(&honest));
        out.extend(header);
        out.extend(&self.data);
        let padding = vec![0; self.data.len().next_multiple_of(512) - self.data.len()];
        out.extend(self.padding.as_ref().unwrap_or(&padding));
    }

    fn header(&self, checksum: &[u8]) -> Vec<u8> {
        let fields: [(&[u8], usize); 16] = [
            (&self.name, 100),
            (&self.mode, 8),
            (&self.uid, 8),
            (&self.gid, 8),
            (&self.size, 12),
            (&self.mtime, 12),
            (checksum, 8),
            (&[self.kind], 1),
            (&self.link, 100),
            (&self.magic, 8),
            (&self.user, 32),
            (b"builders", 32),
            (&self.major, 8),
            (b"0000000", 8),
            (&self.prefix, 155),
            (&self.rest, 12),
        ];
        let mut header = Vec::new();
        for (field, width) in fields {
            assert!(field.len() <= width, "a field of {} bytes in {width}", field.len());
            header.extend(field);
            header.extend(vec![0; width - field.len()]);
        }
        header
    }
}

/// A number as the octal digits that fill a field but for a NUL.
pub fn octal(value: u64, width: usize) -> Vec<u8> {
    format!("{value:0digits$o}\0", digits = width - 1).into_bytes()
}

/// One pax record, with its true length.
pub fn pax_record(key: &[u8], value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    [format!("{length} ").as_bytes(), key, b"=", value, b"\n"].concat()
}
