//! Writes the most expensive files that we can think of into a folder, for `ci/hostile` to measure.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use trackside_testkit::conda::{CondaBuilder, bzip2, zstd};
use trackside_testkit::malformed::samples::{METADATA, RECORD, WHEEL, WHEEL_FILE, demo, saying};
use trackside_testkit::tar::{Gzip, SdistBuilder, TarBuilder};
use trackside_testkit::wheel::{ZipBuilder, ZipEntry, extra_field};

const MIB: usize = 1 << 20;

fn main() -> io::Result<()> {
    let root = std::env::args_os().nth(1).map(PathBuf::from);
    let root = root.ok_or_else(|| io::Error::other("usage: hostile_files FOLDER"))?;
    let root = &root;
    ten_million(root)?;
    directories(root)?;
    headers(root)?;
    streams(root)?;
    records(root)?;
    metadata(root)?;
    wheel_files(root)?;
    sdists(root)?;
    condas(root)
}

/// Writes one file in a folder of its own: the name of the file is part of what is read.
fn put(root: &Path, what: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
    let folder = root.join(what);
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join(name), bytes)
}

fn zip(root: &Path, what: &str, zip: &ZipBuilder) -> io::Result<()> {
    put(root, what, "libtorch.zip", &zip.bytes())
}

/// Ten million empty members, honestly counted.
fn ten_million(root: &Path) -> io::Result<()> {
    const COUNT: u64 = 10_000_000;
    let folder = root.join("ten-million-members");
    std::fs::create_dir_all(&folder)?;
    let mut out = BufWriter::new(File::create(folder.join("libtorch.zip"))?);
    let template = ZipBuilder::new().stored("00000000", b"").bytes();
    let (local, record) = (&template[..38], &template[38..38 + 54]);
    for n in 0..COUNT {
        out.write_all(&local[..30])?;
        write!(out, "{n:08}")?;
    }
    for n in 0..COUNT {
        out.write_all(&record[..42])?;
        out.write_all(&u32::try_from(n * 38).unwrap_or(u32::MAX).to_le_bytes())?;
        write!(out, "{n:08}")?;
    }
    let mut end = ZipBuilder::new();
    end.zip64 = true;
    let mut end = end.bytes();
    for (at, value) in [(24, COUNT), (32, COUNT), (40, COUNT * 54), (48, COUNT * 38), (64, COUNT * 92)] {
        end[at..at + 8].copy_from_slice(&value.to_le_bytes());
    }
    out.write_all(&end)?;
    out.flush()
}

/// Central directories as large as the cap allows.
fn directories(root: &Path) -> io::Result<()> {
    let many = |count: usize, name: &dyn Fn(usize) -> Vec<u8>| {
        (0..count).fold(ZipBuilder::new(), |zip, n| zip.stored(name(n), b""))
    };
    let deep = |n: usize, length: usize| [b"a/".repeat(length / 2), format!("{n:06}").into_bytes()].concat();
    zip(root, "names-of-1024-bytes-of-slashes", &many(31_000, &|n| deep(n, 1016)))?;
    zip(root, "200000-members-of-50-folders", &many(199_999, &|n| deep(n, 100)))?;
    zip(
        root,
        "200000-members-in-two-cases",
        &many(199_999, &|n| format!("Aa{}{:06}", "B".repeat(90), n / 2).into_bytes()),
    )?;
    zip(
        root,
        "200000-names-that-are-not-utf8",
        &many(199_999, &|n| [&[0xff; 100], format!("{n:06}").as_bytes()].concat()),
    )?;
    zip(
        root,
        "31000-names-of-1000-combining-marks",
        &many(30_000, &|n| format!("{}{n:06}", "\u{301}".repeat(500)).into_bytes()),
    )?;
    zip(root, "30000-greek-names", &many(30_000, &|n| format!("{}{n:06}", "Ωά".repeat(250)).into_bytes()))?;
    zip(root, "190000-short-greek-names", &many(190_000, &|n| format!("ΩάΣ{n:06}").into_bytes()))?;
    zip(root, "500-names-of-65000-bytes", &many(500, &|n| format!("{}{n:06}", "n".repeat(65_000)).into_bytes()))?;
    let findings = (0..199_999).fold(ZipBuilder::new(), |zip, n| {
        let mut entry = ZipEntry::stored(format!("../{n}:\u{202e}"), b"x").mode(0o127_777);
        entry.local.crc ^= 1;
        entry.local.name = b"other".to_vec();
        entry.comment = b"c".to_vec();
        zip.entry(entry)
    });
    zip(root, "200000-members-with-six-findings", &findings)
}

fn headers(root: &Path) -> io::Result<()> {
    let extras: Vec<u8> = (0..16_383_u16).flat_map(|id| extra_field(id + 2, b"")).collect();
    let wide = |n: usize| {
        let mut entry = ZipEntry::stored(format!("{n}"), b"");
        (entry.local.extra, entry.central.extra) = (extras.clone(), extras.clone());
        entry
    };
    zip(root, "extra-fields-of-16383-parts", &(0..500).fold(ZipBuilder::new(), |zip, n| zip.entry(wide(n))))?;
    let mut first = wide(0);
    first.central.extra.clear();
    let again =
        |n: usize| ZipEntry { has_local: false, header_offset: Some(0), ..ZipEntry::stored(format!("{n}"), b"") };
    let shared = (1..199_999).fold(ZipBuilder::new().entry(first), |zip, n| zip.entry(again(n)));
    zip(root, "200000-members-with-one-local-header", &shared)
}

/// Content that is slow to unpack for its size.
fn streams(root: &Path) -> io::Result<()> {
    // One hundred such members are just below the cap of the ratio.
    let zeros = vec![0; 10 * MIB];
    let flat = |count: usize| {
        let zip = (0..count).fold(ZipBuilder::new(), |zip, n| zip.deflated(format!("{n}"), &zeros));
        let filler = count * zeros.len() / 49 - zip.bytes().len();
        zip.stored("filler", &vec![1; filler])
    };
    zip(root, "1-gib-at-ratio-49", &flat(102))?;
    zip(root, "5-gib-at-ratio-49", &flat(512))?;
    zip(root, "64-mib-from-66-kb", &ZipBuilder::new().deflated("zeros", &vec![0; 64 * MIB]))?;
    let raw = |data: Vec<u8>, size: u64| {
        let mut entry = ZipEntry::stored("a", b"").with(|header| (header.method, header.size) = (8, size));
        entry = entry.clone().with(|header| header.compressed = data.len() as u64);
        entry.data = data;
        ZipBuilder::new().entry(entry)
    };
    // A fixed block without content has ten bits; five of them make seven bytes less six bits.
    zip(root, "10-mib-of-empty-stored-blocks", &raw([0, 0, 0, 0xff, 0xff].repeat(2 * MIB), 0))?;
    zip(root, "10-mib-of-dynamic-blocks", &raw(dynamic_blocks(10 * MIB), 0))?;
    let small = (0..199_999).fold(ZipBuilder::new(), |zip, n| zip.deflated(format!("{n}"), b"some text"));
    zip(root, "200000-small-deflated-members", &small)
}

/// Empty blocks that each bring code tables, as long as they can be: 286 lengths, 30 distances.
fn dynamic_blocks(length: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    while bits.bytes.len() < length {
        bits.put(0b100, 3); // Not the last one, dynamic.
        bits.put(0, 5); // 257 lengths.
        bits.put(0, 5); // 1 distance.
        bits.put(14, 4); // 18 code length codes, in the order of the format: 16, 17, 18, 0, 8, ..., 1.
        for at in 0..18 {
            // 18 (runs of zeros) and 1 get one bit each.
            bits.put(u32::from(at == 2 || at == 17), 3);
        }
        // Lengths: 256 zeros, then 1 for the end of the block, then 1 for the one distance.
        for run in [138 - 11, 118 - 11] {
            bits.put(1, 1);
            bits.put(run, 7);
        }
        bits.put(0, 1);
        bits.put(0, 1);
        bits.put(0, 1); // The end of the block.
    }
    bits.bytes
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn put(&mut self, value: u32, count: u32) {
        for at in 0..count {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= u8::from(value >> at & 1 == 1) << (self.used % 8);
            }
            self.used += 1;
        }
    }
}

fn records(root: &Path) -> io::Result<()> {
    let with = |what: &str, text: &[u8]| {
        let zip = demo().zip().edit(RECORD, |entry| *entry = ZipEntry::stored(RECORD, text));
        put(root, what, WHEEL, &zip.bytes())
    };
    let filled = |piece: &str| piece.repeat(63 * MIB / piece.len()).into_bytes();
    with("record-of-quotes", &filled("\""))?;
    with("record-of-short-lines", &filled("a,,\n"))?;
    with("record-of-quoted-lines", &filled("\"a\"\"b\",\"\",\"\"\n"))?;
    with("record-of-empty-lines", &filled("\n"))?;
    with("record-of-bad-lines", &filled("x\n"))?;
    with("record-of-commas", &filled(","))?;
    with("record-of-one-line", &filled("a"))?;
    let long: String = (0..50_000).map(|n| format!("{}{n},,\n", "d/".repeat(600))).collect();
    with("record-of-long-strangers", long.as_bytes())
}

fn metadata(root: &Path) -> io::Result<()> {
    let with = |what: &str, text: &str| {
        let text = format!("Metadata-Version: 2.4\nName: demo\nVersion: 1.0\n{text}");
        put(root, what, WHEEL, &saying(METADATA, |_| text))
    };
    let filled = |piece: &str| piece.repeat((16 * MIB - 100) / piece.len());
    with("metadata-of-tiny-fields", &filled("a:\n"))?;
    with("metadata-of-continuations", &format!("Description: a\n{}", filled(" \n")))?;
    with("metadata-of-classifiers", &filled("Classifier: x\n")[..14 * 49_000])?;
    with("metadata-of-requirements", &"Requires-Dist: torch (>=2,<3); extra == 'x'\n".repeat(49_000))?;
    let nested = format!("Requires-Dist: a; {}", "(".repeat(16 << 10));
    with("metadata-of-nested-markers", &format!("{nested}\n").repeat(900))?;
    let or = format!("Requires-Dist: a; {}os_name=='x'\n", "os_name=='x' or ".repeat(1_000));
    with("metadata-of-long-markers", &or.repeat(900))?;
    for (what, field, piece) in [
        ("metadata-of-one-requirement", "Requires-Dist: a", ",>=1"),
        ("metadata-of-one-python-range", "Requires-Python: >=3", ",>=3"),
        ("metadata-of-one-licence", "License-Expression: MIT", " OR MIT"),
        ("metadata-of-nested-licence", "License-Expression: ", "("),
        ("metadata-of-one-author", "Author-email: a", ",\"b\" <c@d>"),
        ("metadata-of-one-address", "Author-email: ", "\"<@,"),
        ("metadata-of-one-keyword-list", "Keywords: a", ",b"),
        ("metadata-of-one-url", "Project-URL: a", ",b"),
        ("metadata-of-one-content-type", "Description-Content-Type: text/plain", "; a=b"),
        ("metadata-of-one-extra", "Provides-Extra: a", "-_."),
        ("metadata-of-one-version", "Obsoletes-Dist: a==1", ".1"),
    ] {
        with(what, &format!("{field}{}\n", &filled(piece)[..15 * MIB]))?;
    }
    with("metadata-of-extras", &(0..49_000).map(|n| format!("Provides-Extra: e{n}\n")).collect::<String>())?;
    with("metadata-of-licence-files", &(0..49_000).map(|n| format!("License-File: {n}\n")).collect::<String>())
}

fn wheel_files(root: &Path) -> io::Result<()> {
    let set = |part: &str, count: usize| vec![part; count].join(".");
    let billions = [set("p", 80_000), set("a", 80_000), set("x", 80_000)].join("-");
    put(root, "wheel-of-billions-of-tags", WHEEL, &saying(WHEEL_FILE, |text| text.replace("py3-none-any", &billions)))?;
    let lines = "Tag: py3-none-any\n".repeat(49_000);
    put(root, "wheel-of-49000-tags", WHEEL, &saying(WHEEL_FILE, |text| text + &lines))?;
    let points: String =
        "[console_scripts]\n".to_owned() + &(0..40_000).map(|n| format!("s{n} = a:b\n")).collect::<String>();
    let wheel = demo().file("demo-1.0.dist-info/entry_points.txt", points.as_bytes());
    put(root, "entry-points-of-40000-scripts", WHEEL, &wheel.bytes())?;
    let many = (0..190_000).fold(demo(), |wheel, n| wheel.file(&format!("demo/d{}/{n}", n % 1_000), b""));
    put(root, "wheel-of-190000-files", WHEEL, &many.bytes())
}

const SDIST: &str = "demo-1.0.tar.gz";

fn sdists(root: &Path) -> io::Result<()> {
    let sdist = |what: &str, tar: &TarBuilder| put(root, what, SDIST, &Gzip::new(&tar.bytes()).bytes());
    let base = || SdistBuilder::new("demo", "1.0").tar();
    let fill = |count: usize, name: &dyn Fn(usize) -> String| (0..count).fold(base(), |tar, n| tar.file(&name(n), b""));
    sdist("sdist-of-200000-files", &fill(199_000, &|n| format!("demo-1.0/{n}")))?;
    sdist("sdist-of-long-pax-names", &fill(20_000, &|n| format!("demo-1.0/{}{n}", "d/".repeat(500))))?;
    sdist("sdist-of-unicode-names", &fill(20_000, &|n| format!("demo-1.0/{}{n}", "\u{301}".repeat(200))))?;
    put(root, "gzip-of-zeros-at-ratio-1000", SDIST, &Gzip::new(&vec![0; 600 * MIB]).bytes())?;
    put(root, "gzip-of-64-mib-of-zeros", SDIST, &Gzip::new(&vec![0; 63 * MIB]).bytes())?;
    put(
        root,
        "gzip-of-one-large-file",
        SDIST,
        &Gzip::new(&base().file("demo-1.0/z", &vec![0; 63 * MIB]).bytes()).bytes(),
    )
}

fn condas(root: &Path) -> io::Result<()> {
    let conda = || CondaBuilder::new("demo", "1.0", "py311_0").file("lib/a.py", b"a = 1\n");
    let with = |what: &str, bytes: &[u8]| put(root, what, "demo-1.0-py311_0.conda", bytes);
    with("conda-index-of-brackets", &conda().with(|it| it.index = "[".repeat(MIB - 10)).zip().bytes())?;
    let keys: String = (0..60_000).map(|n| format!("\"k{n}\": {n}, ")).collect();
    with("conda-index-of-keys", &conda().with(|it| it.index = format!("{{{keys}\"a\": 1}}")).zip().bytes())?;
    with("conda-paths-of-brackets", &conda().with(|it| it.rows = vec!["[".repeat(31 * MIB)]).zip().bytes())?;
    with("conda-paths-of-empty-rows", &conda().with(|it| it.rows = vec!["{}".to_owned(); 8 * MIB]).zip().bytes())?;
    with("conda-paths-of-numbers", &conda().with(|it| it.rows = vec!["1".to_owned(); 10 * MIB]).zip().bytes())?;
    let row = |n: usize| {
        format!("{{\"_path\": \"{n}\", \"path_type\": \"hardlink\", \"sha256\": \"\", \"size_in_bytes\": 1}}")
    };
    with("conda-paths-of-400000-rows", &conda().with(|it| it.rows = (0..400_000).map(row).collect()).zip().bytes())?;
    let mut zeros = conda();
    zeros = zeros.file("zeros", &vec![0; 60 * MIB]);
    with("zstd-of-zeros", &zeros.zip().bytes())?;
    let tar = vec![0; 600 * MIB];
    with("zstd-of-600-mib-of-zeros", &conda().zip_of(&zstd(&conda().info_tar().bytes()), &zstd(&tar)).bytes())?;
    put(root, "bzip2-of-600-mib-of-zeros", "demo-1.0-py311_0.tar.bz2", &bzip2(&tar))?;
    put(root, "bzip2-of-60-mib-of-zeros", "demo-1.0-py311_0.tar.bz2", &bzip2(&zeros.tar().bytes()))
}
