//! Writes the seeds of every target below a folder: the corpus of bad input and good samples, each in
//! the form that the target reads.

use std::path::{Path, PathBuf};
use std::{fs, io};

use trackside_domain::artifact_kind::ArtifactKind;
use trackside_testkit::binary::{ElfBuilder, MachO, Pe};
use trackside_testkit::conda::{CondaBuilder, bzip2, row, zstd};
use trackside_testkit::malformed::{TABLES, samples};
use trackside_testkit::tar::SdistBuilder;

/// Larger seeds make every run slow.
const MAX_SEED: usize = 8 << 10;

fn main() -> io::Result<()> {
    let root = std::env::args_os().nth(1).map(PathBuf::from);
    let root = root.ok_or_else(|| io::Error::other("usage: fuzz_seeds FOLDER"))?;
    let mut seeds = Seeds { root: &root, count: 0 };
    seeds.corpus()?;
    seeds.zips()?;
    seeds.tars()?;
    seeds.texts()
}

struct Seeds<'a> {
    root: &'a Path,
    count: usize,
}

impl Seeds<'_> {
    fn add(&mut self, target: &str, parts: &[&[u8]]) -> io::Result<()> {
        let bytes = parts.concat();
        if bytes.len() > MAX_SEED {
            return Ok(());
        }
        let folder = self.root.join(target);
        fs::create_dir_all(&folder)?;
        self.count += 1;
        fs::write(folder.join(format!("seed-{}", self.count)), bytes)
    }

    fn corpus(&mut self) -> io::Result<()> {
        for case in TABLES.iter().flat_map(|table| table()) {
            match case.kind() {
                ArtifactKind::Wheel => self.add("wheel", &[&case.bytes])?,
                ArtifactKind::Libtorch => self.add("zip", &[&case.bytes])?,
                ArtifactKind::Sdist | ArtifactKind::Source => self.add("tar", &[&case.bytes])?,
                ArtifactKind::Conda => {
                    let form = if case.file_name.ends_with(".conda") { 0 } else { 1 };
                    self.add("conda", &[&[form], &case.bytes])?;
                }
            }
        }
        Ok(())
    }

    /// Instructions for built zips: form, name, content, edits.
    fn zips(&mut self) -> io::Result<()> {
        for form in [0_u8, 1, 3, 0x40, 0x80, 0xc1] {
            for edit in 0..12_u8 {
                let entry = [form, 3, b'a', b'/', b'b', 4, b'd', b'a', b't', b'a', edit, edit, 9, 9];
                self.add("zip", &[&[1, edit], &entry, &entry])?;
            }
        }
        Ok(())
    }

    fn tars(&mut self) -> io::Result<()> {
        let sdist = SdistBuilder::new("demo", "1.0").file("a.py", b"answer = 42\n");
        let long = format!("{}/x", "n".repeat(150));
        let tar = sdist.tar().file(&format!("demo-1.0/{long}"), b"x").gnu_file(&format!("demo-1.0/b{long}"), b"y");
        self.add("tar", &[&sdist.bytes()])?;
        self.add("tar", &[&[2], &tar.bytes()[..6 << 10]])?;
        self.add("tar", &[&[1], &sdist.tar().bytes()[..4 << 10]])?;
        let package = CondaBuilder::new("demo", "1.0", "py311_0").file("lib/a.py", b"a = 1\n").symlink("lib/b", "a.py");
        self.add("conda", &[&[0], &package.zip().bytes()])?;
        self.add("conda", &[&[1], &bzip2(&package.tar().bytes())])?;
        self.add("conda", &[&[2], &package.tar().bytes()[..7 << 10]])?;
        self.add("conda", &[&[3], &zstd(&package.info_tar().bytes())])?;
        self.add("conda", &[&[4], &package.info_tar().bytes()[..6 << 10]])?;
        self.add("conda", &[&[5], package.index.as_bytes()])?;
        self.add("conda", &[&[6], row("lib/a.py", "hardlink", b"a = 1\n").as_bytes()])?;
        self.add("conda", &[&[7], b"lib/a.py\nlib/b"])
    }

    fn texts(&mut self) -> io::Result<()> {
        self.add("metadata", &[samples::demo().metadata().as_bytes()])?;
        for lines in [
            "Requires-Dist: torch (>=2.0,<3) ; python_version < \"3.13\" and extra == 'x'\nProvides-Extra: x\n",
            "Requires-Python: >=3.8,!=3.9.*\nClassifier: Programming Language :: Python\n",
            "Description-Content-Type: text/markdown; charset=UTF-8\nDescription: a\n  |b\n",
            "Author-email: \"A. B\" <a@example.org>, c@example.org\nProject-URL: Home, https://example.org\n",
            "License-Expression: MIT OR (Apache-2.0 WITH LLVM-exception)\nLicense-File: LICENSE\nDynamic: Summary\n",
            "Requires-Dist: a @ https://example.org/a.whl\nImport-Name: a.b ; private\nKeywords: a,b\n",
        ] {
            self.add(
                "metadata",
                &[b"Metadata-Version: 2.4\nName: demo\nVersion: 1.0\n", lines.as_bytes(), b"\nbody\n"],
            )?;
        }
        self.add("record", &[samples::record().as_bytes()])?;
        self.add("record", &[b"\"a,\"\"b\"\".py\",sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\r\n../x,,\n"])?;
        self.add("wheel_file", &[b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nBuild: 1\nTag: py2.py3-none-any\n"])?;
        self.add("wheel_file", &[b"[console_scripts]\na = b.c:d [x]\n; comment\n[gui_scripts]\ne=f:g\n"])?;
        self.add("binary", &[&ElfBuilder::new(62).needs("libc.so.6", &["GLIBC_2.17"]).bytes()])?;
        self.add("binary", &[&MachO::new(0x100_000c).macos(11, 0).bytes()])?;
        self.add("binary", &[&Pe::library(0x8664).bytes()])
    }
}
