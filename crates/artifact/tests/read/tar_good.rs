//! Sdists and conda packages that must pass: every one that a tool can honestly write.

use proptest::prelude::*;
use trackside_domain::digest::Sha256;
use trackside_testkit::conda::{CondaBuilder, bzip2};
use trackside_testkit::tar::{Gzip, SdistBuilder, TarBuilder, TarEntry, octal};

use crate::tar_case::{CONDA, CONDA_1, SDIST, bz2, codes_of, conda, gz, plus, plus_all, sdist, verify_as};

#[test]
fn what_writers_honestly_leave_passes() {
    let long = format!("demo-1.0/{}/{}", "d".repeat(90), "n".repeat(90));
    let accented = format!("demo-1.0/{}é{}", "a".repeat(50), "b".repeat(80));
    let large_id = |field: &mut Vec<u8>| *field = vec![0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff];
    let gnu = sdist().tar().entries.into_iter().map(TarEntry::gnu).fold(TarBuilder::new(), TarBuilder::entry);
    let times = [("mtime", "1700000000.1234567"), ("atime", "-1"), ("SCHILY.dev", "66"), ("uname", "é")];
    let prefixed =
        TarEntry::file("n".repeat(90), b"").with(|x| x.prefix = format!("demo-1.0/{}", "d".repeat(90)).into());
    for (what, bytes) in [
        ("as it is built", sdist().bytes()),
        ("GNU headers", gz(&gnu)),
        ("a long name of Python", gz(&sdist().tar().file(&long, b"x"))),
        ("a long name of GNU tar", gz(&sdist().tar().gnu_file(&long, b"x"))),
        ("a long name in the prefix", plus(prefixed)),
        ("a name beyond ASCII", gz(&sdist().tar().file("demo-1.0/é.txt", b"x"))),
        ("a long name beyond ASCII", gz(&sdist().tar().file(&accented, b"x"))),
        ("a long name beyond ASCII of GNU tar", gz(&sdist().tar().gnu_file(&accented, b"x"))),
        ("times", plus_all([TarEntry::pax(&times), TarEntry::file("demo-1.0/x", b"x")])),
        ("the same size twice", plus_all([TarEntry::pax(&[("size", "1")]), TarEntry::file("demo-1.0/x", b"x")])),
        ("long names and targets of bsdtar", plus_all(of_bsdtar())),
        ("a large user", plus(TarEntry::file("demo-1.0/x", b"x").with(|x| large_id(&mut x.uid)))),
        ("blank devices", plus(TarEntry::file("demo-1.0/x", b"").with(|x| x.major = vec![0; 8]))),
        ("a folder by type alone", plus(TarEntry::folder("demo-1.0/x"))),
        ("a mode with its type", plus(TarEntry::file("demo-1.0/x", b"").with(|x| x.mode = octal(0o100_644, 8)))),
        ("the old type of files", plus(TarEntry::new(0, "demo-1.0/x", b"x"))),
        ("a large record at the end", gz(&sdist().tar().end(&vec![0; 1 << 20]))),
        ("a file name in the gzip header", Gzip::new(&sdist().tar().bytes()).name(b"demo-1.0.tar").bytes()),
    ] {
        let report = verify_as(SDIST, &bytes);
        let only_links = codes_of(&report).iter().all(|code| *code == "sdist-link");
        assert!(only_links && report.contents.is_some(), "{what}: {:?}", report.findings);
        assert_eq!(report.sha256, Sha256::of(&bytes));
    }
}

/// A link whose name and target have no room in its header, with what bsdtar leaves there.
fn of_bsdtar() -> [TarEntry; 2] {
    let (name, target) = (format!("demo-1.0/b/{}", "n".repeat(120)), "t".repeat(120));
    let header = TarEntry::symlink("n".repeat(98), "././@LongSymLink").with(|x| x.prefix = b"demo-1.0/b".to_vec());
    [TarEntry::pax(&[("path", &name), ("linkpath", &target)]), header]
}

#[test]
fn a_package_larger_than_every_buffer_passes() {
    let mixed: Vec<u8> = (0..3_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let package = conda().file("lib/large", &mixed);
    for (name, bytes) in [(CONDA, package.zip().bytes()), (CONDA_1, bz2(&package))] {
        assert_eq!(codes_of(&verify_as(name, &bytes)), [""; 0], "{name}");
    }
    let report = verify_as(SDIST, &sdist().file("large", &mixed).bytes());
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

#[test]
fn damage_is_found() {
    let whole = sdist().file("large", &vec![7; 50_000]).bytes();
    let package = conda().zip().bytes();
    for part in 0..64 {
        for (name, bytes) in [(SDIST, &whole), (CONDA, &package)] {
            let cut = &bytes[..bytes.len() * part / 64];
            assert!(!verify_as(name, cut).findings.is_empty(), "{name} cut to {part}/64");
        }
    }
    let mut by_rule = 0;
    for place in 0..256 {
        let mut damaged = whole.clone();
        damaged[whole.len() * place / 256] ^= 1 << (place * 97 % 8);
        by_rule += usize::from(!verify_as(SDIST, &damaged).findings.is_empty());
    }
    // The rest are the name, the time and the effort in the gzip header.
    assert!(by_rule > 200, "only {by_rule} of 256 by rule");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_tree_that_is_built_passes(
        files in proptest::collection::btree_map(
            "[a-z]{1,6}(/[a-zé]{1,60}){0,3}/f[a-zäß]{1,60}",
            proptest::collection::vec(any::<u8>(), 0..3000),
            0..8,
        ),
        gnu in any::<bool>(),
        links in any::<bool>(),
    ) {
        let mut tar = SdistBuilder::new("demo", "1.0").tar();
        let mut package = CondaBuilder::new("demo", "1.0", "py310_0");
        let (mut folders, mut taken) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
        for (path, content) in &files {
            // A tree has no file at the place of a folder, and no names that meet.
            let path = &path.replace("ß", "z");
            let above: Vec<String> = path.match_indices('/').map(|(end, _)| path[..end].to_owned()).collect();
            let device = path.split('/').any(|part| ["con", "prn", "aux", "nul"].contains(&part));
            if device || folders.contains(path) || above.iter().any(|folder| taken.contains(folder)) || !taken.insert(path.clone()) {
                continue;
            }
            folders.extend(above);
            let name = format!("demo-1.0/{path}");
            tar = if gnu { tar.gnu_file(&name, content) } else { tar.file(&name, content) };
            package = package.file(path, content);
            if links && path.len() < 50 && path.is_ascii() {
                let base = path.rsplit('/').next().unwrap();
                package = package.symlink(&format!("{path}.l"), base).hard_link(&format!("{path}.h"), path, content);
            }
        }
        let report = verify_as(SDIST, &gz(&tar));
        prop_assert!(report.findings.is_empty(), "{:?}", report.findings);
        for (name, bytes) in [(CONDA, package.zip().bytes()), (CONDA_1, bz2(&package))] {
            let report = verify_as(name, &bytes);
            prop_assert!(report.findings.is_empty(), "{name}: {:?}", report.findings);
        }
    }

    #[test]
    fn no_bytes_make_the_tar_reader_panic(
        noise in proptest::collection::vec(any::<u8>(), 0..600),
        at in 0..10_000_usize,
        kind in 0..4_u8,
    ) {
        let splice = |mut bytes: Vec<u8>| {
            let at = at % bytes.len();
            let end = bytes.len().min(at + noise.len());
            bytes.splice(at..end, noise.iter().copied());
            bytes
        };
        let (name, bytes) = match kind {
            0 => (SDIST, splice(sdist().bytes())),
            1 => (SDIST, Gzip::new(&splice(sdist().tar().bytes())).bytes()),
            2 => (CONDA, splice(conda().zip().bytes())),
            _ => (CONDA_1, bzip2(&splice(conda().tar().bytes()))),
        };
        verify_as(name, &bytes);
    }
}
