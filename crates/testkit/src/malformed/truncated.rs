//! Files of every kind that were cut short, as a broken transfer leaves them.

use trackside_domain::finding::Profile;

use super::samples::{WHEEL, demo};
use super::{Case, Family};
use crate::conda::{CondaBuilder, bzip2};
use crate::tar::SdistBuilder;

/// A wheel cut at every 64th of its length and by one byte, and files of the other kinds cut at
/// every 16th.
pub(super) fn truncated() -> Vec<Case> {
    let conda = CondaBuilder::new("demo", "1.0", "py310_0").file("lib/a", &[b'a'; 900]);
    let sdist = SdistBuilder::new("demo", "1.0").file("a.py", b"answer = 42\n");
    let mut cases = cut(WHEEL, &demo().filler(100_000).bytes(), 64);
    cases.extend(cut("demo-1.0.tar.gz", &sdist.bytes(), 16));
    cases.extend(cut("demo-1.0-py310_0.conda", &conda.zip().bytes(), 16));
    cases.extend(cut("demo-1.0-py310_0.tar.bz2", &bzip2(&conda.tar().bytes()), 16));
    cases
}

fn cut(file_name: &str, bytes: &[u8], parts: usize) -> Vec<Case> {
    let lengths = (0..parts).map(|part| (format!("{part}/{parts}"), bytes.len() * part / parts));
    let shorter = std::iter::once(("one byte less".to_owned(), bytes.len() - 1));
    let case = |(what, length): (String, usize)| Case {
        family: Family::Damage,
        what: format!("{file_name}: {what}"),
        file_name: file_name.to_owned(),
        bytes: bytes[..length].to_vec(),
        codes: &[],
        refused_from: Some(Profile::Channel),
    };
    lengths.chain(shorter).map(case).collect()
}
