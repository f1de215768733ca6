//! Conda packages of both forms, from a few words, with every file in `info/` open to be falsified.
//!
//! Nothing here is shared with the reader, so a mistake cannot hide by being made twice.

use std::fmt::Write as _;
use std::io::Write as _;

use sha2::{Digest as _, Sha256};

use crate::tar::{TarBuilder, TarEntry};
use crate::wheel::{ZipBuilder, ZipEntry};

/// A package to be. The same calls give the same bytes on every machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CondaBuilder {
    /// The name of the package.
    pub name: String,
    /// The version.
    pub version: String,
    /// The build string.
    pub build: String,
    /// The files beside `info/`.
    pub package: Vec<TarEntry>,
    /// The rows of paths.json, as JSON.
    pub rows: Vec<String>,
    /// `info/index.json`, as JSON.
    pub index: String,
    /// The lines of `info/files`.
    pub files: Vec<String>,
    /// `info/run_exports.json`, as JSON; empty is no such file.
    pub run_exports: String,
    /// Files of `info/` that are left out.
    pub left_out: Vec<&'static str>,
}

impl CondaBuilder {
    /// A package for `linux-64` that depends on Python and has no files.
    pub fn new(name: &str, version: &str, build: &str) -> Self {
        let index = format!(
            "{{\"name\": \"{name}\", \"version\": \"{version}\", \"build\": \"{build}\", \"build_number\": 3, \
             \"subdir\": \"linux-64\", \"depends\": [\"python >=3.10,<3.11.0a0\"], \"license\": \"MIT\", \
             \"timestamp\": 1700000000000, \"arch\": \"x86_64\", \"platform\": \"linux\"}}"
        );
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            build: build.to_owned(),
            package: Vec::new(),
            rows: Vec::new(),
            index,
            files: Vec::new(),
            run_exports: String::new(),
            left_out: Vec::new(),
        }
    }

    /// Adds a file.
    #[must_use]
    pub fn file(self, path: &str, content: &[u8]) -> Self {
        let row = row(path, "hardlink", content);
        let long = TarBuilder::new().file(path, content);
        long.entries.into_iter().fold(self.listed(path, row), Self::entry)
    }

    /// Adds a symbolic link, which paths.json lists with the digest of nothing.
    #[must_use]
    pub fn symlink(self, path: &str, target: &str) -> Self {
        let row = row(path, "softlink", b"");
        self.entry(TarEntry::symlink(path, target)).listed(path, row)
    }

    /// Adds another name of a file with this content.
    #[must_use]
    pub fn hard_link(self, path: &str, target: &str, content: &[u8]) -> Self {
        let row = row(path, "hardlink", content);
        self.entry(TarEntry::hard_link(path, target)).listed(path, row)
    }

    /// Adds a header that no list knows.
    #[must_use]
    pub fn entry(mut self, entry: TarEntry) -> Self {
        self.package.push(entry);
        self
    }

    fn listed(mut self, path: &str, row: String) -> Self {
        self.rows.push(row);
        self.files.push(path.to_owned());
        self
    }

    /// Changes anything.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The name of the file without its ending.
    pub fn stem(&self) -> String {
        format!("{}-{}-{}", self.name, self.version, self.build)
    }

    /// `info/paths.json`.
    pub fn paths_json(&self) -> String {
        format!("{{\"paths\": [{}], \"paths_version\": 1}}", self.rows.join(", "))
    }

    /// The archive of `info/`.
    pub fn info_tar(&self) -> TarBuilder {
        let mut files = String::new();
        for line in &self.files {
            files.push_str(line);
            files.push('\n');
        }
        let contents = [
            ("info/index.json", self.index.clone()),
            ("info/paths.json", self.paths_json()),
            ("info/files", files),
            ("info/about.json", "{}".to_owned()),
        ];
        let kept = contents.iter().filter(|(name, _)| !self.left_out.contains(name));
        let tar = kept.fold(TarBuilder::new(), |tar, (name, content)| tar.file(name, content.as_bytes()));
        if self.run_exports.is_empty() {
            return tar;
        }
        tar.file("info/run_exports.json", self.run_exports.as_bytes())
    }

    /// The archive of the files.
    pub fn package_tar(&self) -> TarBuilder {
        TarBuilder { entries: self.package.clone(), end: None }
    }

    /// The outer archive of a `.conda`, its members stored.
    pub fn zip(&self) -> ZipBuilder {
        self.zip_of(&zstd(&self.info_tar().bytes()), &zstd(&self.package_tar().bytes()))
    }

    /// The same with these bytes for the two inner archives.
    pub fn zip_of(&self, info: &[u8], package: &[u8]) -> ZipBuilder {
        let stem = self.stem();
        ZipBuilder::new()
            .entry(ZipEntry::stored("metadata.json", b"{\"conda_pkg_format_version\": 2}"))
            .entry(ZipEntry::stored(format!("pkg-{stem}.tar.zst"), package))
            .entry(ZipEntry::stored(format!("info-{stem}.tar.zst"), info))
    }

    /// The one archive of a `.tar.bz2`, not compressed yet.
    pub fn tar(&self) -> TarBuilder {
        let mut tar = self.info_tar();
        tar.entries.extend(self.package.iter().cloned());
        tar
    }
}

/// A row of paths.json.
pub fn row(path: &str, path_type: &str, content: &[u8]) -> String {
    let digest = Sha256::digest(content).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("text takes every byte");
        text
    });
    let size = content.len();
    format!(
        "{{\"_path\": \"{path}\", \"path_type\": \"{path_type}\", \"sha256\": \"{digest}\", \"size_in_bytes\": {size}}}"
    )
}

/// One Zstandard frame.
pub fn zstd(content: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(content, 3).expect("memory takes every byte")
}

/// One bzip2 stream.
pub fn bzip2(content: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::new(9));
    let written = encoder.write_all(content).and_then(|()| encoder.finish());
    written.expect("memory takes every byte")
}
