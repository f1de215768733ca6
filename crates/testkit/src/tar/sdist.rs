//! A source distribution that pip accepts, from a few words.

use super::archive::TarBuilder;
use super::gzip::Gzip;

/// A source distribution to be. The same calls give the same bytes on every machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SdistBuilder {
    name: String,
    version: String,
    metadata: Vec<String>,
    files: Vec<(String, Vec<u8>)>,
}

impl SdistBuilder {
    /// A source distribution of the package, with PKG-INFO only.
    pub fn new(name: &str, version: &str) -> Self {
        Self { name: name.to_owned(), version: version.to_owned(), metadata: Vec::new(), files: Vec::new() }
    }

    /// Adds a file, its path without the top folder.
    #[must_use]
    pub fn file(mut self, path: &str, content: &[u8]) -> Self {
        self.files.push((path.to_owned(), content.to_vec()));
        self
    }

    /// Adds a line to PKG-INFO.
    #[must_use]
    pub fn metadata_line(mut self, line: &str) -> Self {
        self.metadata.push(line.to_owned());
        self
    }

    /// The top folder, `demo-1.0`.
    pub fn top(&self) -> String {
        format!("{}-{}", self.name.replace(['-', '.'], "_").to_lowercase(), self.version)
    }

    /// The name of the file.
    pub fn file_name(&self) -> String {
        format!("{}.tar.gz", self.top())
    }

    /// PKG-INFO.
    pub fn pkg_info(&self) -> String {
        let mut text = format!("Metadata-Version: 2.4\nName: {}\nVersion: {}\n", self.name, self.version);
        for line in &self.metadata {
            text.push_str(line);
            text.push('\n');
        }
        text
    }

    /// The archive, not compressed yet.
    pub fn tar(&self) -> TarBuilder {
        let top = self.top();
        let tar = TarBuilder::new().folder(&format!("{top}/"));
        let tar = tar.file(&format!("{top}/PKG-INFO"), self.pkg_info().as_bytes());
        self.files.iter().fold(tar, |tar, (path, content)| tar.file(&format!("{top}/{path}"), content))
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        Gzip::new(&self.tar().bytes()).name(self.file_name().trim_end_matches(".gz").as_bytes()).bytes()
    }
}
