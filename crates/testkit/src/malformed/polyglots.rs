//! Files that are two things at once.

use super::samples::{WHEEL, ZIP, demo, plain};
use super::{Case, Family, Row, refused};
use crate::tar::{Gzip, TarBuilder};

/// A zip with something around it, and something else under a zip's name.
pub(super) fn polyglots() -> Vec<Case> {
    let zip = plain().bytes();
    let tar = TarBuilder::new().file("a", &zip).bytes();
    let after = |prefix: &[u8]| [prefix, &zip].concat();
    let before = |suffix: &[u8]| [&zip, suffix].concat();
    let mut shifted = plain();
    shifted.prefix = b"#!/bin/sh\nexec evil\n".to_vec();
    let rows: Vec<Row> = vec![
        ("a tar whose last bytes are a zip", [&tar[..512], &zip].concat(), &["zip-and-tar"]),
        ("a member that begins with a tar header", in_first_member(), &["zip-and-tar"]),
        ("a shell script before it, offsets right", shifted.bytes(), &["hidden-data"]),
        ("a shell script before it, offsets not", after(b"#!/bin/sh\nexec evil\n"), &["end-record-mismatch"]),
        ("html before it", after(b"<html><script>evil()</script><!--"), &["end-record-mismatch"]),
        ("html behind it", before(b"--><script>evil()</script>"), &["trailing-data"]),
        ("a pdf before it", after(b"%PDF-1.4\n"), &["end-record-mismatch"]),
        ("an executable before it", after(b"MZ\x90\0\x03\0\0\0"), &["end-record-mismatch"]),
        ("a zip before it", after(&zip), &["end-record-mismatch"]),
        ("a gzip stream", Gzip::new(&zip).bytes(), &["not-a-zip"]),
        ("a tar", TarBuilder::new().file("a", b"a").bytes(), &["zip-and-tar"]),
    ];
    let mut cases = refused(Family::Polyglots, ZIP, rows);
    let wheel = demo().bytes();
    let rows: Vec<Row> = vec![
        ("a wheel behind a shell script", [b"#!/usr/bin/env python\n", &wheel[..]].concat(), &["end-record-mismatch"]),
        ("a wheel behind a wheel", wheel.repeat(2), &["end-record-mismatch"]),
    ];
    cases.extend(refused(Family::Polyglots, WHEEL, rows));
    cases
}

/// A zip whose first local header is a tar header too.
fn in_first_member() -> Vec<u8> {
    let mut header = [0_u8; 512];
    header[..4].copy_from_slice(b"PK\x03\x04");
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    [&header[..], &plain().bytes()].concat()
}
