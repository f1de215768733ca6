//! Conda packages of both forms: raw bytes, inner archives, and the files in `info/`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trackside_fuzz::{judge, shapes};
use trackside_testkit::conda::{CondaBuilder, bzip2, zstd};

const CONDA: &str = "demo-1.0-py311_0.conda";
const BZIP2: &str = "demo-1.0-py311_0.tar.bz2";

fuzz_target!(|data: &[u8]| {
    let (kind, rest) = data.split_first().unwrap_or((&0, data));
    let text = || String::from_utf8_lossy(rest).into_owned();
    let demo = || CondaBuilder::new("demo", "1.0", "py311_0").file("lib/a.py", b"a = 1\n");
    let (name, bytes) = match kind {
        1 => (BZIP2, rest.to_vec()),
        2 => {
            let mut tar = rest.to_vec();
            shapes::with_checksums(&mut tar);
            (BZIP2, bzip2(&tar))
        }
        3 => (CONDA, demo().zip_of(rest, &zstd(&demo().package_tar().bytes())).bytes()),
        4 => {
            let mut tar = rest.to_vec();
            shapes::with_checksums(&mut tar);
            (CONDA, demo().zip_of(&zstd(&tar), &zstd(&demo().package_tar().bytes())).bytes())
        }
        5 => (CONDA, demo().with(|package| package.index = text()).zip().bytes()),
        6 => (CONDA, demo().with(|package| package.rows = vec![text()]).zip().bytes()),
        7 => (CONDA, demo().with(|package| package.files = vec![text()]).zip().bytes()),
        _ => (CONDA, rest.to_vec()),
    };
    judge(name, &bytes);
});
