//! Binaries in wheels and zips against what the name of the file promises.

use proptest::prelude::*;
use trackside_artifact::{Binaries, Report};
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_testkit::binary::{ElfBuilder, MachO, Pe, fat, fat_64};
use trackside_testkit::wheel::{WheelBuilder, ZipBuilder};

const X86_64: u16 = 62;
const ARM64: u16 = 183;
const MAC_X86_64: u32 = 0x0100_0007;
const MAC_ARM64: u32 = 0x0100_000c;
const WIN_X86: u16 = 0x14c;
const WIN_AMD64: u16 = 0x8664;
const WIN_ARM64: u16 = 0xaa64;

/// What is wrong in words, the platform tags, the files, and the codes that are found.
type Case = (&'static str, &'static [&'static str], Vec<Vec<u8>>, &'static [&'static str]);

fn report(name: &str, bytes: &[u8], kind: ArtifactKind) -> Report {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("room for an archive");
    trackside_artifact::verify(&path, kind).expect("a file that can be read")
}

fn wheel(platforms: &[&str], files: &[Vec<u8>]) -> Report {
    let mut wheel = WheelBuilder::new("demo", "1.0").file("demo/__init__.py", b"");
    for platform in platforms {
        wheel = wheel.tag("cp311", "cp311", platform);
    }
    for (index, file) in files.iter().enumerate() {
        wheel = wheel.file(&format!("demo/lib{index}.so"), file);
    }
    report(&wheel.file_name(), &wheel.bytes(), ArtifactKind::Wheel)
}

/// The codes of this area, without repetitions.
fn codes(report: &Report) -> Vec<&'static str> {
    let ids = report.findings.iter().map(|finding| finding.code.id());
    let mut codes: Vec<&str> =
        ids.filter(|id| ["binary-", "glibc-", "libc-", "macos-"].iter().any(|area| id.starts_with(area))).collect();
    codes.dedup();
    codes
}

fn told(report: &Report) -> String {
    report.findings.iter().map(|finding| format!("{finding}\n")).collect()
}

fn check(cases: Vec<Case>) {
    let mut wrong = Vec::new();
    for (what, platforms, files, expected) in cases {
        let report = wheel(platforms, &files);
        if codes(&report) != expected {
            wrong.push(format!("{what}: expected {expected:?}, found {}", told(&report)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn elf(machine: u16) -> Vec<u8> {
    ElfBuilder::new(machine).bytes()
}

/// A library for x86_64 that needs these versions of glibc's C library.
fn needing(versions: &[&str]) -> Vec<u8> {
    ElfBuilder::new(X86_64).needs("libc.so.6", versions).bytes()
}

fn mac(cpu: u32) -> MachO {
    MachO::new(cpu)
}

fn universal() -> Vec<u8> {
    fat(&[(MAC_X86_64, mac(MAC_X86_64).old_macos(10, 9).bytes()), (MAC_ARM64, mac(MAC_ARM64).macos(11, 0).bytes())])
}

#[test]
fn the_machine_must_be_that_of_the_tag() {
    let differs: &[&str] = &["binary-machine-differs"];
    check(vec![
        ("x86_64", &["linux_x86_64"], vec![elf(X86_64)], &[]),
        ("arm64 in x86_64", &["linux_x86_64"], vec![elf(X86_64), elf(ARM64)], differs),
        ("x86_64 in arm64", &["manylinux_2_28_aarch64"], vec![elf(X86_64)], differs),
        ("32 bits of the same", &["linux_x86_64"], vec![ElfBuilder::new(X86_64).narrow().bytes()], differs),
        ("x86", &["manylinux2014_i686"], vec![ElfBuilder::new(3).narrow().bytes()], &[]),
        ("x86 in x86_64", &["manylinux2014_x86_64"], vec![ElfBuilder::new(3).narrow().bytes()], differs),
        ("arm", &["manylinux2014_armv7l"], vec![ElfBuilder::new(40).narrow().bytes()], &[]),
        ("s390x", &["manylinux2014_s390x"], vec![ElfBuilder::new(22).big().bytes()], &[]),
        ("ppc64le", &["manylinux2014_ppc64le"], vec![elf(21)], &[]),
        ("ppc64 in ppc64le", &["manylinux2014_ppc64le"], vec![ElfBuilder::new(21).big().bytes()], differs),
        ("riscv64", &["manylinux_2_39_riscv64"], vec![elf(243)], &[]),
        ("loongarch64", &["manylinux_2_38_loongarch64"], vec![elf(258)], &[]),
        ("a machine of no tag", &["linux_x86_64"], vec![elf(X86_64), elf(5000)], differs),
        ("device code", &["linux_x86_64"], vec![elf(X86_64), elf(190), elf(224), elf(247)], &[]),
        ("device code only", &["linux_x86_64"], vec![elf(190)], &[]),
        ("amd64", &["win_amd64"], vec![Pe::library(WIN_AMD64).bytes()], &[]),
        ("arm64 on amd64", &["win_amd64"], vec![Pe::library(WIN_ARM64).bytes()], differs),
        ("x86 library on amd64", &["win_amd64"], vec![Pe::library(WIN_X86).bytes()], differs),
        ("amd64 library on x86", &["win32"], vec![Pe::library(WIN_AMD64).bytes()], differs),
        ("amd64 program on x86", &["win32"], vec![Pe::program(WIN_AMD64).bytes()], differs),
        ("arm64", &["win_arm64"], vec![Pe::library(WIN_ARM64).bytes()], &[]),
        (".NET", &["win_amd64"], vec![Pe { managed: true, ..Pe::library(WIN_X86) }.bytes()], &[]),
        ("macOS", &["macosx_11_0_arm64"], vec![mac(MAC_ARM64).bytes()], &[]),
        ("macOS x86_64", &["macosx_11_0_arm64"], vec![mac(MAC_X86_64).bytes()], differs),
        ("macOS universal2 in arm64", &["macosx_11_0_arm64"], vec![universal()], &[]),
        ("macOS old", &["macosx_10_6_ppc"], vec![MachO { wide: false, big: true, ..mac(18) }.bytes()], &[]),
        ("a system that is not known", &["freebsd_13_0_release_amd64"], vec![elf(ARM64)], &[]),
    ]);
}

#[test]
fn of_several_machines_each_must_be_served() {
    let missing: &[&str] = &["binary-machine-missing"];
    let part = |cpu| (cpu, mac(cpu).bytes());
    check(vec![
        ("universal2", &["macosx_10_9_universal2"], vec![universal()], &[]),
        ("universal2, wide", &["macosx_10_9_universal2"], vec![fat_64(&[part(MAC_X86_64), part(MAC_ARM64)])], &[]),
        ("in two files", &["macosx_10_9_universal2"], vec![mac(MAC_X86_64).bytes(), mac(MAC_ARM64).bytes()], missing),
        ("one of two", &["macosx_10_9_universal2"], vec![universal(), mac(MAC_X86_64).bytes()], missing),
        ("never the other", &["macosx_10_9_x86_64", "macosx_11_0_arm64"], vec![mac(MAC_ARM64).bytes()], missing),
        ("a third machine", &["macosx_10_9_universal2"], vec![mac(7).bytes()], &["binary-machine-differs"]),
        (
            "libraries for two",
            &["win32", "win_amd64"],
            vec![Pe::library(WIN_X86).bytes(), Pe::library(WIN_AMD64).bytes()],
            &[],
        ),
        ("a library for one of two", &["win32", "win_amd64"], vec![Pe::library(WIN_X86).bytes()], missing),
        ("two systems, one served", &["win_amd64", "linux_x86_64"], vec![elf(X86_64)], missing),
    ]);
}

#[test]
fn what_is_odd_is_said() {
    let (elf, launcher) = (elf(X86_64), Pe::program(WIN_X86).bytes());
    check(vec![
        ("a launcher in Linux", &["linux_x86_64"], vec![elf.clone(), launcher.clone()], &["binary-foreign"]),
        (
            "an old launcher",
            &["win_amd64"],
            vec![Pe::library(WIN_AMD64).bytes(), launcher.clone()],
            &["binary-foreign"],
        ),
        ("a binary for everybody", &["any"], vec![launcher, elf], &["binary-in-any"]),
        ("no binary", &["linux_x86_64"], vec![b"text".to_vec()], &["binary-missing"]),
        (
            "text and Java",
            &["any"],
            vec![
                b"MZ is a text that is longer than the header of a program for DOS".to_vec(),
                b"\xca\xfe\xba\xbe\0\0\0\x34\0\x1d".to_vec(),
            ],
            &[],
        ),
        ("nothing at all", &["any"], vec![Vec::new(), b"\x7fEL".to_vec(), b"MZ".to_vec()], &[]),
    ]);
}

#[test]
fn the_glibc_of_the_tag_must_do() {
    let too_new: &[&str] = &["glibc-too-new"];
    let set = &["manylinux_2_28_x86_64", "manylinux2014_x86_64"];
    let relr = &["GLIBC_2.2.5", "GLIBC_ABI_DT_RELR"];
    check(vec![
        ("as promised", &["manylinux1_x86_64"], vec![needing(&["GLIBC_2.2.5", "GLIBC_2.5"])], &[]),
        ("2.6 for manylinux1", &["manylinux1_x86_64"], vec![needing(&["GLIBC_2.6"])], too_new),
        ("2.12 for manylinux2010", &["manylinux2010_x86_64"], vec![needing(&["GLIBC_2.12"])], &[]),
        ("2.13 for manylinux2010", &["manylinux2010_x86_64"], vec![needing(&["GLIBC_2.13"])], too_new),
        ("2.17 for manylinux2014", &["manylinux2014_x86_64"], vec![needing(&["GLIBC_2.17"])], &[]),
        ("2.18 for manylinux2014", &["manylinux2014_x86_64"], vec![needing(&["GLIBC_2.18"])], too_new),
        ("2.28 for 2_28", &["manylinux_2_28_x86_64"], vec![needing(&["GLIBC_2.28", "GLIBC_2.3.4"])], &[]),
        ("2.29 for 2_28", &["manylinux_2_28_x86_64"], vec![needing(&["GLIBC_2.29"])], too_new),
        ("the lowest of a set", set, vec![needing(&["GLIBC_2.28"])], too_new),
        ("nothing promised", &["linux_x86_64"], vec![needing(&["GLIBC_2.99"])], &[]),
        ("packed relocations", &["manylinux_2_28_x86_64"], vec![needing(relr)], too_new),
        ("packed relocations, new", &["manylinux_2_36_x86_64"], vec![needing(relr)], &[]),
        ("private", &["manylinux_2_28_x86_64"], vec![needing(&["GLIBC_PRIVATE"])], &["glibc-private"]),
        ("versions of others", &["manylinux1_x86_64"], vec![needing(&["GLIBCXX_3.4.30", "GCC_12.0.0", "X_2.50"])], &[]),
    ]);
}

#[test]
fn the_worst_member_is_named() {
    let report = wheel(&["manylinux1_x86_64"], &[needing(&["GLIBC_2.14"]), needing(&["GLIBC_2.17"]), elf(ARM64)]);
    let told: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    `demo/lib2.so`: it is for arm64, but `manylinux1_x86_64` is for x86_64 [binary-machine-differs]
    `demo/lib1.so`: it needs GLIBC_2.17, but `manylinux1_x86_64` promises 2.5 or earlier; 1 more member needs too much as well [glibc-too-new]
    ");
}

#[test]
fn the_c_library_must_be_that_of_the_tag() {
    let musl = |name| ElfBuilder::new(X86_64).needs(name, &[]).bytes();
    let differs: &[&str] = &["libc-differs"];
    let libgcc = ElfBuilder::new(X86_64).needs("libgcc_s.so.1", &["GCC_3.0", "GLIBC_2.0"]).needs("libc.so", &[]);
    check(vec![
        ("musl", &["musllinux_1_2_x86_64"], vec![musl("libc.musl-x86_64.so.1")], &[]),
        ("musl by its other name", &["musllinux_1_2_x86_64"], vec![musl("libc.so")], &[]),
        ("libgcc for musl", &["musllinux_1_2_x86_64"], vec![libgcc.bytes()], &[]),
        ("glibc for musl", &["musllinux_1_2_x86_64"], vec![needing(&["GLIBC_2.2.5"])], differs),
        ("musl for glibc", &["manylinux_2_28_x86_64"], vec![musl("libc.musl-x86_64.so.1")], differs),
        ("musl for glibc by its other name", &["manylinux_2_28_x86_64"], vec![musl("libc.so")], differs),
        ("glibc without a version", &["manylinux_2_28_x86_64"], vec![musl("libc.so.6")], &[]),
        ("both, for musl", &["manylinux2014_x86_64", "musllinux_1_2_x86_64"], vec![musl("libc.so")], differs),
        ("both, and none is needed", &["manylinux2014_x86_64", "musllinux_1_2_x86_64"], vec![elf(X86_64)], &[]),
    ]);
}

#[test]
fn the_macos_of_the_tag_must_do() {
    let too_new: &[&str] = &["macos-too-new"];
    let arm = |major, minor| vec![mac(MAC_ARM64).macos(major, minor).bytes()];
    let old = |major, minor| vec![mac(MAC_X86_64).old_macos(major, minor).bytes()];
    let newer =
        fat(&[(MAC_X86_64, mac(MAC_X86_64).macos(10, 13).bytes()), (MAC_ARM64, mac(MAC_ARM64).macos(11, 0).bytes())]);
    check(vec![
        ("as promised", &["macosx_11_0_arm64"], arm(11, 0), &[]),
        ("12", &["macosx_11_0_arm64"], arm(12, 0), too_new),
        ("a minor version, which tags have not", &["macosx_11_0_arm64"], arm(11, 3), &[]),
        ("10.9", &["macosx_10_9_x86_64"], old(10, 9), &[]),
        ("10.13", &["macosx_10_9_x86_64"], old(10, 13), too_new),
        ("10.16 is 11", &["macosx_10_16_x86_64"], old(11, 0), &[]),
        ("10.16 is 11, reversed", &["macosx_11_0_x86_64"], old(10, 16), &[]),
        ("universal2", &["macosx_10_9_universal2"], vec![universal()], &[]),
        ("universal2, one part newer", &["macosx_10_9_universal2"], vec![newer], too_new),
        ("iOS", &["macosx_11_0_arm64"], vec![mac(MAC_ARM64).built_for(2, 17, 0).bytes()], &[]),
    ]);
}

#[test]
fn broken_binaries_are_odd() {
    let elf = || ElfBuilder::new(X86_64).needs("libc.so.6", &["GLIBC_2.2.5"]).filler(300);
    let at = |mut bytes: Vec<u8>, place: usize, new: &[u8]| {
        bytes[place..place + new.len()].copy_from_slice(new);
        bytes
    };
    let cut = |bytes: Vec<u8>, length: usize| bytes[..length].to_vec();
    let thin = || mac(MAC_ARM64).macos(11, 0).bytes();
    let two = || fat(&[(MAC_X86_64, mac(MAC_X86_64).bytes()), (MAC_ARM64, mac(MAC_ARM64).bytes())]);
    let versions_at = 64 + 2 * 56 + b"\0libc.so.6\0GLIBC_2.2.5\0".len();
    let mut wrong = Vec::new();
    for (what, bytes) in [
        ("four bytes", b"\x7fELF".to_vec()),
        ("unknown class", at(elf().bytes(), 4, &[3])),
        ("unknown order", at(elf().bytes(), 5, &[0])),
        ("half a header", cut(elf().bytes(), 40)),
        ("no segments where it says", at(elf().bytes(), 32, &[0xff; 8])),
        ("small segments", at(elf().bytes(), 54, &[8, 0])),
        ("cut before the dynamic section", cut(elf().bytes(), 300)),
        ("a dynamic section of 4 GiB", at(elf().bytes(), 64 + 56 + 32, &[0xff; 4])),
        ("nothing loaded", at(elf().bytes(), 64, &[9])),
        ("version 9 of the table", at(elf().bytes(), versions_at + 8, &[0xff; 4])),
        (
            "a table that goes round",
            at(elf().bytes(), versions_at, &[1, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]),
        ),
        ("Mach-O of four bytes", cut(thin(), 4)),
        ("Mach-O without its commands", cut(thin(), 40)),
        ("a command of no size", at(thin(), 36, &[0; 4])),
        ("more commands than there are", at(mac(MAC_ARM64).bytes(), 16, &[9])),
        ("a part beyond the end", cut(two(), 5000)),
        ("a part for another machine", at(two(), 8, &[1, 0, 0, 12])),
        ("a part that is text", at(two(), 4096, b"text")),
        ("PE without an optional header", at(Pe::library(WIN_AMD64).bytes(), 0x80 + 20, &[0, 0])),
        ("PE with another one", at(Pe::library(WIN_AMD64).bytes(), 0x80 + 24, &[0, 0])),
        ("PE cut short", cut(Pe::library(WIN_AMD64).bytes(), 0x80 + 30)),
    ] {
        let report = wheel(&["linux_x86_64"], std::slice::from_ref(&bytes));
        if codes(&report) != ["binary-malformed"] {
            wrong.push(format!("{what}: {}", told(&report)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_zip_is_for_one_machine_and_for_the_one_that_it_names() {
    let differs: &[&str] = &["binary-machine-differs"];
    let dll = |machine| Pe::library(machine).bytes();
    for (name, files, expected) in [
        ("libtorch-shared-with-deps-2.15.0+cpu.zip", vec![elf(X86_64), elf(X86_64)], &[][..]),
        ("libtorch-shared-with-deps-2.15.0+cpu.zip", vec![elf(ARM64)], &[]),
        ("libtorch-shared-with-deps-2.15.0+cpu.zip", vec![elf(X86_64), elf(ARM64), elf(X86_64)], differs),
        ("libtorch-win-shared-with-deps-2.15.0+cpu.zip", vec![dll(WIN_AMD64), dll(WIN_ARM64)], differs),
        ("libtorch-win-x64-shared-with-deps-2.15.0+cpu.zip", vec![dll(WIN_ARM64)], differs),
        ("libtorch-win-shared-with-deps-2.15.0+cpu.zip", vec![dll(WIN_AMD64), elf(X86_64)], &["binary-foreign"]),
        ("libtorch-win-shared-with-deps-2.15.0+cpu.zip", vec![dll(WIN_ARM64)], differs),
        ("libtorch-win-arm64-shared-with-deps-2.15.0+cpu.zip", vec![dll(WIN_ARM64)], &[]),
        (
            "libtorch-win-x64-shared-with-deps-2.15.0+cpu.zip",
            vec![dll(WIN_AMD64), elf(ARM64)],
            &["binary-foreign", "binary-machine-differs"],
        ),
        ("libtorch-macos-arm64-2.15.0.zip", vec![universal(), mac(MAC_ARM64).bytes()], &[]),
        ("libtorch-macos-arm64-2.15.0.zip", vec![mac(MAC_X86_64).bytes()], differs),
        ("anything.zip", vec![elf(X86_64), elf(ARM64)], differs),
        ("anything.zip", vec![elf(X86_64), b"text".to_vec(), elf(190)], &[]),
        ("anything.zip", vec![elf(X86_64), elf(X86_64)[..70].to_vec()], &["binary-malformed"]),
        ("anything.zip", vec![b"text".to_vec()], &[]),
    ] {
        let zip =
            files.iter().enumerate().fold(ZipBuilder::new(), |zip, (n, file)| zip.deflated(format!("lib/{n}"), file));
        let report = report(name, &zip.bytes(), ArtifactKind::Libtorch);
        assert_eq!(codes(&report), expected, "{name}: {}", told(&report));
    }
}

#[test]
fn the_sum_is_part_of_the_report() {
    let files = [needing(&["GLIBC_2.14"]), needing(&["GLIBC_2.2.5"]), universal(), elf(190), b"\x7fELF?".to_vec()];
    let sum = serde_json::to_string(&wheel(&["linux_x86_64"], &files).binaries).unwrap();
    insta::assert_snapshot!(sum, @r#"{"count":3,"machines":["x86_64","arm64"],"glibc":"2.14","macos":{"x86_64":"10.9","arm64":"11.0"}}"#);
    assert_eq!(wheel(&["any"], &[]).binaries, Some(Binaries::default()));
}

#[test]
fn what_passed_too_early_is_read_again() {
    // Larger than every buffer, so that versions, or the dynamic section, are long gone when their place is known.
    let library = || ElfBuilder::new(X86_64).needs("libm.so.6", &["GLIBC_2.29"]).needs("libc.so.6", &["GLIBC_2.34"]);
    let far = || library().filler(6 << 20);
    for (what, bytes) in [
        ("versions first", far().bytes()),
        ("dynamic section first", ElfBuilder { dynamic_first: true, ..far() }.bytes()),
        ("names at the end", ElfBuilder { names_last: true, ..far() }.bytes()),
        ("small", library().bytes()),
    ] {
        for zip in [ZipBuilder::new().stored("a", &bytes), ZipBuilder::new().deflated("a", &bytes)] {
            let binaries = report("libtorch.zip", &zip.bytes(), ArtifactKind::Libtorch).binaries.unwrap();
            assert_eq!(binaries.glibc.map(|version| version.to_string()), Some("2.34".to_owned()), "{what}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_reader_panic(
        which in 0..6_usize,
        noise in proptest::collection::vec(any::<u8>(), 0..12),
        place in 0..9000_usize,
        tail in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let mut bytes = match which {
            0 => needing(&["GLIBC_2.17", "GLIBC_2.2.5"]),
            1 => ElfBuilder::new(20).narrow().big().needs("libc.so", &[]).bytes(),
            2 => universal(),
            3 => mac(MAC_ARM64).macos(11, 0).bytes(),
            4 => Pe::program(WIN_AMD64).bytes(),
            _ => b"\x7fELF\x02\x01".to_vec(),
        };
        let from = place % bytes.len();
        let to = bytes.len().min(from + noise.len());
        bytes.splice(from..to, noise);
        bytes.extend(tail);
        let report = wheel(&["linux_x86_64"], &[bytes]);
        prop_assert!(report.binaries.is_some());
    }
}
