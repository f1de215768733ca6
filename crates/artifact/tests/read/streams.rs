//! Compressed streams: one, whole, with nothing behind it, and no bombs.

use trackside_testkit::conda::{bzip2, zstd};
use trackside_testkit::tar::{Gzip, TarBuilder, TarEntry};

use crate::tar_case::{CONDA, CONDA_1, SDIST, TarCase, bz2, check_as, conda, sdist};

fn gzip(change: impl FnOnce(&mut Gzip)) -> Vec<u8> {
    Gzip::new(&sdist().tar().bytes()).with(change).bytes()
}

/// The small conda package with another stream for its files.
fn with_package(stream: &[u8]) -> Vec<u8> {
    let package = conda();
    package.zip_of(&zstd(&package.info_tar().bytes()), stream).bytes()
}

fn package_stream(change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut stream = zstd(&conda().package_tar().bytes());
    change(&mut stream);
    with_package(&stream)
}

#[test]
fn gzip_is_one_member_with_the_right_end() {
    check_as(SDIST, &gzip_table());
}

pub(crate) fn gzip_table() -> Vec<TarCase> {
    let whole = gzip(|_| {});
    vec![
        ("nothing", Vec::new(), &["not-gzip"]),
        ("a tar that is not compressed", sdist().tar().bytes(), &["not-gzip"]),
        ("text", b"hello".to_vec(), &["not-gzip"]),
        ("another method", gzip(|gzip| gzip.header[2] = 7), &["not-gzip"]),
        ("the header alone", whole[..10].to_vec(), &["deflate-corrupt"]),
        ("half a header", whole[..5].to_vec(), &["not-gzip"]),
        ("extra fields", gzip(|gzip| gzip.header[3] = 4), &["gzip-header"]),
        ("a comment", gzip(|gzip| gzip.header[3] = 16), &["gzip-header"]),
        ("a header checksum", gzip(|gzip| gzip.header[3] = 2), &["gzip-header"]),
        ("a reserved flag", gzip(|gzip| gzip.header[3] = 128), &["gzip-header"]),
        (
            "a name without end",
            [b"\x1f\x8b\x08\x08\0\0\0\0\x02\xff".to_vec(), b"n".repeat(100)].concat(),
            &["gzip-header"],
        ),
        ("a name longer than any", gzip(|gzip| *gzip = gzip.clone().name(&b"n".repeat(70_000))), &["gzip-header"]),
        ("corrupt", gzip(|gzip| gzip.stream[0] = 0b111), &["deflate-corrupt"]),
        ("cut in the stream", whole[..whole.len() / 2].to_vec(), &["deflate-corrupt"]),
        ("cut before the checksum", whole[..whole.len() - 8].to_vec(), &["gzip-checksum"]),
        ("cut in the checksum", whole[..whole.len() - 5].to_vec(), &["gzip-checksum"]),
        ("cut in the length", whole[..whole.len() - 1].to_vec(), &["gzip-checksum"]),
        ("another checksum", gzip(|gzip| gzip.trailer[0] ^= 1), &["gzip-checksum"]),
        ("another length", gzip(|gzip| gzip.trailer[4] ^= 1), &["gzip-checksum"]),
        ("a second member", [whole.clone(), Gzip::new(b"").bytes()].concat(), &["gzip-trailing-data"]),
        ("the same member again", whole.repeat(2), &["gzip-trailing-data"]),
        ("zeros behind it", gzip(|gzip| gzip.suffix = vec![0; 512]), &["gzip-trailing-data"]),
        ("a byte behind it", gzip(|gzip| gzip.suffix = vec![b'x']), &["gzip-trailing-data"]),
        ("far beyond a buffer behind it", gzip(|gzip| gzip.suffix = vec![0; 600_000]), &["gzip-trailing-data"]),
        ("a bomb in a member", bomb(), &["compression-ratio"]),
        ("a bomb behind the end", Gzip::new(&with_zeros(70 << 20)).bytes(), &["tar-trailing-data"]),
    ]
}

/// An honest sdist but for 70 MiB of zeros in it.
fn bomb() -> Vec<u8> {
    Gzip::new(&sdist().tar().entry(TarEntry::file("demo-1.0/zeros", &vec![0; 70 << 20])).bytes()).bytes()
}

fn with_zeros(length: usize) -> Vec<u8> {
    sdist().tar().end(&vec![0; length]).bytes()
}

#[test]
fn bzip2_is_one_stream() {
    check_as(CONDA_1, &bzip2_table());
}

pub(crate) fn bzip2_table() -> Vec<TarCase> {
    let whole = bz2(&conda());
    let zeros = TarBuilder::new().file("zeros", &vec![0; 70 << 20]).bytes();
    let mut corrupt = whole.clone();
    corrupt[40] ^= 0xff;
    vec![
        ("nothing", Vec::new(), &["bzip2-corrupt"]),
        ("no bzip2", conda().tar().bytes(), &["bzip2-corrupt"]),
        ("gzip", Gzip::new(&conda().tar().bytes()).bytes(), &["bzip2-corrupt"]),
        ("corrupt", corrupt, &["bzip2-corrupt"]),
        ("cut short", whole[..whole.len() - 4].to_vec(), &["bzip2-corrupt"]),
        ("a second stream", whole.repeat(2), &["bzip2-trailing-data"]),
        ("bytes behind it", [whole, b"x".to_vec()].concat(), &["bzip2-trailing-data"]),
        ("a bomb", bzip2(&zeros), &["compression-ratio"]),
    ]
}

#[test]
fn zstandard_is_one_frame_with_a_bounded_window() {
    check_as(CONDA, &zstandard_table());
}

pub(crate) fn zstandard_table() -> Vec<TarCase> {
    let zeros = TarBuilder::new().file("zeros", &vec![0; 70 << 20]).bytes();
    let frame = |header: &[u8]| with_package(&[&b"\x28\xb5\x2f\xfd"[..], header].concat());
    let skippable = [&b"\x50\x2a\x4d\x18\x04\0\0\0evil"[..], &zstd(&conda().package_tar().bytes())].concat();
    vec![
        ("nothing", with_package(b""), &["zstd-corrupt"]),
        ("no zstd", with_package(&conda().package_tar().bytes()), &["zstd-corrupt"]),
        ("the magic number alone", frame(b""), &["zstd-corrupt"]),
        ("a header cut short", frame(&[0xc0 | 0x20, 1]), &["zstd-corrupt"]),
        ("a window of 4 TiB", frame(&[0, 0xff, 0, 0, 0]), &["zstd-window"]),
        ("a window of 144 MiB", frame(&[0, 17 << 3 | 1, 0, 0, 0]), &["zstd-window"]),
        ("a whole content of an exabyte", frame(&[0xe0, 0, 0, 0, 0, 0, 0, 0, 0x10]), &["zstd-window"]),
        ("a dictionary", frame(&[1, 0x58, 7, 0, 0, 0]), &["zstd-window"]),
        ("a reserved block", frame(&[0, 0x58, 0b111, 0, 0]), &["zstd-corrupt"]),
        ("corrupt", package_stream(|stream| stream[20..40].fill(0xff)), &["zstd-corrupt"]),
        ("cut short", package_stream(|stream| stream.truncate(stream.len() - 3)), &["zstd-corrupt"]),
        ("a second frame", package_stream(|stream| stream.extend(zstd(b""))), &["zstd-trailing-data"]),
        (
            "a frame to skip behind it",
            package_stream(|stream| stream.extend(&skippable[..12])),
            &["zstd-trailing-data"],
        ),
        ("a frame to skip before it", with_package(&skippable), &["zstd-corrupt"]),
        ("a byte behind it", package_stream(|stream| stream.push(0)), &["zstd-trailing-data"]),
        ("a bomb", with_package(&zstd(&zeros)), &["compression-ratio"]),
    ]
}
