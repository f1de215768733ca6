//! A wheel that installers accept, from a few words.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::record::record_of;
use super::zip::ZipBuilder;
use super::zip_entry::ZipEntry;

/// A wheel to be. The same calls give the same bytes on every machine.
#[derive(Clone, Debug)]
pub struct WheelBuilder {
    name: String,
    version: String,
    build: Option<String>,
    tags: Vec<[String; 3]>,
    metadata: Vec<String>,
    description: String,
    files: Vec<(String, Vec<u8>)>,
    filler: u64,
    directories: bool,
}

impl WheelBuilder {
    /// A wheel of the package, tagged `py3-none-any` unless [`Self::tag`] says otherwise.
    pub fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            build: None,
            tags: Vec::new(),
            metadata: Vec::new(),
            description: String::new(),
            files: Vec::new(),
            filler: 0,
            directories: false,
        }
    }

    /// Adds a tag: Python, ABI, platform. Several make compressed sets in the file name.
    #[must_use]
    pub fn tag(mut self, python: &str, abi: &str, platform: &str) -> Self {
        self.tags.push([python, abi, platform].map(str::to_owned));
        self
    }

    /// Sets the build tag; it must begin with a digit.
    #[must_use]
    pub fn build(mut self, build: &str) -> Self {
        self.build = Some(build.to_owned());
        self
    }

    /// Adds a dependency, `filelock` or `torch==2.15.0`.
    #[must_use]
    pub fn requires(self, requirement: &str) -> Self {
        self.metadata_line(&format!("Requires-Dist: {requirement}"))
    }

    /// Sets the range of Python versions, `>=3.10`.
    #[must_use]
    pub fn requires_python(self, range: &str) -> Self {
        self.metadata_line(&format!("Requires-Python: {range}"))
    }

    /// Adds a line to the headers of METADATA.
    #[must_use]
    pub fn metadata_line(mut self, line: &str) -> Self {
        self.metadata.push(line.to_owned());
        self
    }

    /// Sets the body of METADATA.
    #[must_use]
    pub fn description(mut self, text: &str) -> Self {
        text.clone_into(&mut self.description);
        self
    }

    /// Adds a file to be installed.
    #[must_use]
    pub fn file(mut self, path: &str, content: &[u8]) -> Self {
        self.files.push((path.to_owned(), content.to_vec()));
        self
    }

    /// Adds a file of so many bytes that do not compress, to make the wheel heavy.
    #[must_use]
    pub const fn filler(mut self, bytes: u64) -> Self {
        self.filler = bytes;
        self
    }

    /// Adds an entry for each folder, as repair tools leave behind.
    #[must_use]
    pub const fn directories(mut self) -> Self {
        self.directories = true;
        self
    }

    /// The name of the file.
    pub fn file_name(&self) -> String {
        let Self { version, .. } = self;
        let name = self.escaped_name();
        let build = self.build.as_ref().map(|build| format!("-{build}")).unwrap_or_default();
        let set = |part: usize| self.tag_set(part).join(".");
        format!("{name}-{version}{build}-{}-{}-{}.whl", set(0), set(1), set(2))
    }

    /// The folder that holds METADATA, WHEEL and RECORD.
    pub fn dist_info(&self) -> String {
        format!("{}-{}.dist-info", self.escaped_name(), self.version)
    }

    /// The content of METADATA.
    pub fn metadata(&self) -> String {
        let Self { name, version, metadata, description, .. } = self;
        let lines: String = metadata.iter().map(|line| format!("{line}\n")).collect();
        format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{lines}\n{description}")
    }

    /// The wheel as an archive whose parts can still be falsified.
    pub fn zip(&self) -> ZipBuilder {
        let files = self.all_files();
        let mut zip = ZipBuilder::new();
        let mut folders = BTreeSet::new();
        for (path, content) in &files {
            for (end, _) in path.match_indices('/').filter(|_| self.directories) {
                let folder = &path[..=end];
                if folders.insert(folder) {
                    zip = zip.stored(folder, b"");
                }
            }
            zip = zip.entry(entry(path, content));
        }
        zip
    }

    /// The wheel.
    pub fn bytes(&self) -> Vec<u8> {
        self.zip().bytes()
    }

    /// Writes the wheel into the folder `into`, which must exist, and gives its path.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn write_to(&self, into: &Path) -> io::Result<PathBuf> {
        let path = into.join(self.file_name());
        std::fs::write(&path, self.bytes())?;
        Ok(path)
    }

    fn escaped_name(&self) -> String {
        self.name.replace(['-', '.'], "_").to_lowercase()
    }

    fn tags(&self) -> Vec<[&str; 3]> {
        if self.tags.is_empty() {
            return vec![["py3", "none", "any"]];
        }
        self.tags.iter().map(|tag| tag.each_ref().map(String::as_str)).collect()
    }

    /// The different tags of one of the three parts.
    fn tag_set(&self, part: usize) -> Vec<&str> {
        let mut set = Vec::new();
        for tag in self.tags() {
            if !set.contains(&tag[part]) {
                set.push(tag[part]);
            }
        }
        set
    }

    /// WHEEL, with one line for each combination that the file name stands for.
    fn wheel_file(&self) -> String {
        let [pythons, abis, platforms] = [0, 1, 2].map(|part| self.tag_set(part));
        let pure = platforms == ["any"];
        let build = self.build.as_ref().map(|build| format!("Build: {build}\n")).unwrap_or_default();
        let mut lines = String::new();
        for python in &pythons {
            for abi in &abis {
                lines.extend(platforms.iter().map(|platform| format!("Tag: {python}-{abi}-{platform}\n")));
            }
        }
        format!("Wheel-Version: 1.0\nGenerator: testkit\nRoot-Is-Purelib: {pure}\n{build}{lines}\n")
    }

    /// Every file in the order of the archive; RECORD is the last.
    fn all_files(&self) -> Vec<(String, Vec<u8>)> {
        let folder = self.dist_info();
        let mut files = self.files.clone();
        if self.filler > 0 {
            files.push((format!("{}/filler.bin", self.escaped_name()), filler(self.filler)));
        }
        files.push((format!("{folder}/METADATA"), self.metadata().into_bytes()));
        files.push((format!("{folder}/WHEEL"), self.wheel_file().into_bytes()));
        let record = format!("{folder}/RECORD");
        let listed = files.iter().map(|(path, content)| (path.as_str(), content.as_slice()));
        let text = record_of(listed, &record);
        files.push((record, text.into_bytes()));
        files
    }
}

/// Large content is stored: it is filler, which does not compress.
fn entry(path: &str, content: &[u8]) -> ZipEntry {
    const LARGE: usize = 1 << 20;
    if content.len() > LARGE { ZipEntry::stored(path, content) } else { ZipEntry::deflated(path, content) }
}

/// Bytes that look random and are always the same (xorshift64).
fn filler(length: u64) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let words = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    });
    words.flatten().take(usize::try_from(length).unwrap_or(usize::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_name_follows_from_the_words() {
        let torch = WheelBuilder::new("torch", "2.15.0+cpu").tag("cp311", "cp311", "manylinux_2_28_x86_64");
        assert_eq!(torch.file_name(), "torch-2.15.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl");
        let many = WheelBuilder::new("FBGEMM.gpu", "1").build("2").tag("py2", "none", "any").tag("py3", "none", "any");
        assert_eq!(many.file_name(), "fbgemm_gpu-1-2-py2.py3-none-any.whl");
    }

    #[test]
    fn the_same_words_give_the_same_bytes() {
        let wheel = || WheelBuilder::new("a", "1").file("a/__init__.py", b"x = 1\n").filler(2 << 20).directories();
        assert_eq!(wheel().bytes(), wheel().bytes());
    }
}
