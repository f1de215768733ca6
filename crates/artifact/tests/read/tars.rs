//! Tar archives: headers, extensions, links and ends that readers take differently.

use trackside_testkit::tar::{Gzip, TarBuilder, TarEntry, octal, pax_record};

use crate::tar_case::{SDIST, TarCase, changed, check_as, gz, plus, plus_all, sdist, verify_as};

#[test]
fn headers_that_readers_take_differently_are_refused() {
    check_as(SDIST, &headers_table());
}

pub(crate) fn headers_table() -> Vec<TarCase> {
    let a = |change: fn(&mut TarEntry)| changed(change);
    vec![
        ("no tar", Gzip::new(&[b'x'; 2048]).bytes(), &["tar-header"]),
        ("nothing", Gzip::new(b"").bytes(), &["tar-end"]),
        ("half a block", Gzip::new(&[0; 100]).bytes(), &["tar-end"]),
        ("another checksum", a(|a| a.checksum = Some(octal(1, 8))), &["tar-checksum"]),
        ("no checksum", a(|a| a.checksum = Some(vec![b' '; 8])), &["tar-header"]),
        ("a checksum of letters", a(|a| a.checksum = Some(b"checksum".to_vec())), &["tar-header"]),
        ("the oldest form", a(|a| a.magic = vec![0; 8]), &["tar-header"]),
        ("an unknown version", a(|a| a.magic = b"ustar\x0001".to_vec()), &["tar-header"]),
        ("half of each magic number", a(|a| a.magic = b"ustar  0".to_vec()), &["tar-header"]),
        ("a name that goes on behind its end", a(|a| a.name = b"demo-1.0/a.py\0evil".to_vec()), &["tar-header"]),
        ("a target that goes on", a(|a| a.link = b"a\0b".to_vec()), &["tar-header"]),
        ("a prefix that goes on", a(|a| a.prefix = b"a\0b".to_vec()), &["tar-header"]),
        ("something behind the prefix", a(|a| a.rest = b"hidden".to_vec()), &["tar-header"]),
        (
            "a prefix in the form of GNU",
            a(|a| *a = a.clone().gnu().with(|a| a.prefix = b"other".to_vec())),
            &["tar-header"],
        ),
        ("a size that is not octal", a(|a| a.size = b"00000000019\0".to_vec()), &["tar-number"]),
        ("a size in hexadecimal", a(|a| a.size = b"0x0000000014".to_vec()), &["tar-number"]),
        ("a negative size", a(|a| a.size = b"-0000000014\0".to_vec()), &["tar-number"]),
        ("a negative binary size", a(|a| a.size = vec![0xff; 12]), &["tar-number"]),
        ("a small binary size", a(|a| a.size = [vec![0x80; 1], vec![0; 10], vec![12]].concat()), &["tar-number"]),
        ("a size beyond 64 bits", a(|a| a.size = [vec![0x80, 1], vec![0; 10]].concat()), &["tar-number"]),
        ("no size", a(|a| a.size = vec![b' '; 12]), &["tar-number"]),
        ("a size with two ends", a(|a| a.size = b"14\x00000000000".to_vec()), &["tar-number"]),
        ("a mode of letters", a(|a| a.mode = b"rw-r--r-".to_vec()), &["tar-number"]),
        ("a negative user", a(|a| a.uid = b"-000001\0".to_vec()), &["tar-number"]),
        ("a time of letters", a(|a| a.mtime = b"yesterday\0".to_vec()), &["tar-number"]),
        ("a device number of letters", a(|a| a.major = b"major".to_vec()), &["tar-number"]),
        ("a size of eight exabytes", a(|a| a.size = [vec![0x80, 0, 0, 0, 0x70], vec![0; 7]].concat()), &["tar-end"]),
        ("a size of 8 GiB in a small file", a(|a| a.size = octal(0o77777777777, 12)), &["tar-end"]),
        ("a size that is too small", a(|a| a.size = octal(0, 12)), &["tar-header"]),
        ("something in the last block", a(|a| a.padding = Some(vec![b'h'; 500])), &["tar-padding"]),
    ]
}

#[test]
fn members_that_are_neither_files_nor_folders_nor_links_are_refused() {
    check_as(SDIST, &kinds_table());
}

pub(crate) fn kinds_table() -> Vec<TarCase> {
    let of = |kind: u8| plus(TarEntry::new(kind, "demo-1.0/x", b""));
    let mode = |mode: u64| changed(move |a| a.mode = octal(mode, 8));
    vec![
        ("a character device", of(b'3'), &["special-file"]),
        ("a block device", of(b'4'), &["special-file"]),
        ("a pipe", of(b'6'), &["special-file"]),
        ("a device with content", plus(TarEntry::new(b'3', "demo-1.0/x", b"x")), &["special-file", "tar-link"]),
        ("a contiguous file", of(b'7'), &["tar-type"]),
        ("a volume label", of(b'V'), &["tar-type"]),
        ("a part of another volume", of(b'M'), &["tar-type"]),
        ("a folder's listing", of(b'D'), &["tar-type"]),
        ("records of Solaris", of(b'X'), &["tar-type"]),
        ("an unknown type", of(b'?'), &["tar-type"]),
        ("sparse, GNU", plus(TarEntry::new(b'S', "demo-1.0/x", b"").gnu()), &["tar-sparse"]),
        (
            "sparse, pax",
            plus_all([TarEntry::pax(&[("GNU.sparse.major", "1")]), TarEntry::file("demo-1.0/x", b"")]),
            &["tar-sparse"],
        ),
        (
            "sparse, star",
            plus_all([TarEntry::pax(&[("SCHILY.realsize", "9")]), TarEntry::file("demo-1.0/x", b"")]),
            &["tar-sparse"],
        ),
        ("set-user-id", mode(0o4755), &["special-mode"]),
        ("set-group-id", mode(0o2755), &["special-mode"]),
        ("sticky", mode(0o1755), &["special-mode"]),
        (
            "set-group-id on a folder",
            plus(TarEntry::folder("demo-1.0/x/").with(|x| x.mode = octal(0o2755, 8))),
            &["tar-folder-mode"],
        ),
        ("a folder with content", plus(TarEntry::new(b'5', "demo-1.0/x/", b"x")), &["directory-with-data"]),
        ("a file that is named as a folder", plus(TarEntry::file("demo-1.0/x/", b"x")), &["directory-mismatch"]),
        ("an old file that is named as a folder", plus(TarEntry::new(0, "demo-1.0/x/", b"")), &["directory-mismatch"]),
    ]
}

/// The small sdist with a file behind these extensions.
fn extended(extensions: Vec<TarEntry>, file: TarEntry) -> Vec<u8> {
    plus_all(extensions.into_iter().chain([file]))
}

#[test]
fn extensions_must_say_what_the_header_says() {
    check_as(SDIST, &extensions_table());
}

pub(crate) fn extensions_table() -> Vec<TarCase> {
    let file = || TarEntry::file("demo-1.0/x", b"content");
    let pax = |records: &[(&str, &str)]| extended(vec![TarEntry::pax(records)], file());
    let raw = |bytes: &[u8]| extended(vec![TarEntry::new(b'x', "x", bytes)], file());
    let long = format!("demo-1.0/{}", "n".repeat(120));
    let named = |header: &str| extended(vec![TarEntry::pax(&[("path", &long)])], TarEntry::file(header, b""));
    let gnu = |header: &str| extended(vec![TarEntry::gnu_long(b'L', &long)], TarEntry::file(header, b"").gnu());
    let link = |entry: TarEntry| extended(vec![entry], TarEntry::symlink("demo-1.0/x", "a.py"));
    let pair = |size: u64, stated: &str| {
        extended(vec![TarEntry::pax(&[("size", stated)])], file().with(|x| x.size = octal(size, 12)))
    };
    vec![
        ("another name", pax(&[("path", "demo-1.0/y")]), &["tar-pax-override"]),
        ("a name that begins alike", pax(&[("path", "demo-1.0/xy")]), &["tar-pax-override"]),
        ("a name that leads out", pax(&[("path", "../../x")]), &["tar-pax-override"]),
        ("a long name, another in the header", named("demo-1.0/x"), &["tar-pax-override"]),
        ("a long name, an empty one in the header", named(""), &["tar-pax-override"]),
        ("a long name, too little in the header", named(&long[..80]), &["tar-pax-override"]),
        ("a long name, another beginning", named(&long.replacen('d', "e", 1)[..100]), &["tar-pax-override"]),
        ("GNU, another in the header", gnu("demo-1.0/x"), &["tar-pax-override"]),
        (
            "GNU and pax at once",
            extended(
                vec![TarEntry::gnu_long(b'L', &long), TarEntry::pax(&[("path", &long)])],
                TarEntry::file(&long[..100], b""),
            ),
            &["tar-pax-override"],
        ),
        ("another target", link(TarEntry::pax(&[("linkpath", "b/c.txt")])), &["tar-pax-override"]),
        ("GNU, another target", link(TarEntry::gnu_long(b'K', "b/c.txt")), &["tar-pax-override"]),
        ("a smaller size", pair(7, "0"), &["tar-pax-override"]),
        ("a larger size", pair(7, "1024"), &["tar-pax-override"]),
        ("a size that the header has room for", pair(0, "7"), &["tar-pax-override"]),
        ("a negative size", pax(&[("size", "-7")]), &["tar-number"]),
        ("an octal size", pax(&[("size", "0o7")]), &["tar-number"]),
        ("a size beyond 64 bits", pax(&[("size", "99999999999999999999")]), &["tar-number"]),
        ("a user of letters", pax(&[("uid", "root")]), &["tar-number"]),
        ("a time of letters", pax(&[("mtime", "now")]), &["tar-number"]),
        ("a time with two dots", pax(&[("mtime", "1.2.3")]), &["tar-number"]),
        ("bytes for names", pax(&[("hdrcharset", "BINARY")]), &["tar-pax"]),
        ("an unknown keyword", pax(&[("evil", "1")]), &["tar-pax"]),
        ("a record twice", pax(&[("comment", "a"), ("comment", "b")]), &["tar-pax"]),
        ("an empty value", pax(&[("path", "")]), &["tar-pax"]),
        ("a NUL in a value", pax(&[("path", "demo-1.0/x\0y")]), &["tar-pax"]),
        ("a length that is too small", raw(b"11 path=demo\n"), &["tar-pax"]),
        ("a length that is too large", raw(b"14 path=demo\n"), &["tar-pax"]),
        ("a name split over two records", raw(b"13 path=demo\n1.0/x\n"), &["tar-pax"]),
        ("a record in a record", raw(&pax_record(b"path", b"demo-1.0/x\n12 path=evil\n")[1..]), &["tar-pax"]),
        ("zeros behind the records", raw(b"13 path=demo\n\0\0"), &["tar-pax"]),
        ("no keyword", raw(b"6 =a\n\n"), &["tar-pax"]),
        ("no records but text", raw(b"hello"), &["tar-pax"]),
        ("more records than any", pax_of(100), &["tar-pax"]),
        ("records of a megabyte", raw(&pax_record(b"comment", &vec![b'c'; 1 << 20])), &["tar-pax"]),
        ("records twice", extended(vec![TarEntry::pax(&[]), TarEntry::pax(&[])], file()), &["tar-pax"]),
        (
            "a long name twice",
            extended(vec![TarEntry::gnu_long(b'L', &long), TarEntry::gnu_long(b'L', &long)], file()),
            &["tar-pax"],
        ),
        ("a long name that is empty", extended(vec![TarEntry::gnu_long(b'L', "")], file()), &["tar-pax"]),
        ("a long name with a NUL", extended(vec![TarEntry::gnu_long(b'L', "a\0b")], file()), &["tar-pax"]),
        ("records at the end", plus(TarEntry::pax(&[])), &["tar-pax"]),
        ("a long name at the end", plus(TarEntry::gnu_long(b'L', &long)), &["tar-pax"]),
    ]
}

fn pax_of(count: usize) -> Vec<u8> {
    let keys: Vec<String> = (0..count).map(|n| format!("VENDOR.k{n}")).collect();
    let records: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "v")).collect();
    extended(vec![TarEntry::pax(&records)], TarEntry::file("demo-1.0/x", b""))
}

#[test]
fn global_records_may_be_a_comment_and_nothing_else() {
    check_as(SDIST, &globals_table());
}

pub(crate) fn globals_table() -> Vec<TarCase> {
    let global = |records: &[(&str, &str)]| {
        let mut tar = sdist().tar();
        tar.entries.insert(0, TarEntry { kind: b'g', ..TarEntry::pax(records) });
        gz(&tar)
    };
    let twice = TarEntry { kind: b'g', ..TarEntry::pax(&[("comment", "a")]) };
    vec![
        ("a comment", global(&[("comment", "84ad7a2")]), &[]),
        ("a size", global(&[("size", "0")]), &["tar-pax-global"]),
        ("a name", global(&[("path", "demo-1.0/x")]), &["tar-pax-global"]),
        ("a time", global(&[("mtime", "1")]), &["tar-pax-global"]),
        ("something behind a comment", global(&[("comment", "a"), ("linkpath", "b")]), &["tar-pax-global"]),
        ("malformed", plus(TarEntry::new(b'g', "g", b"9 comment=a\n")), &["tar-pax"]),
        ("two", plus_all([twice.clone(), twice.clone()]), &["tar-pax"]),
        ("between records and their file", plus_all([TarEntry::pax(&[]), twice]), &["tar-pax"]),
    ]
}

#[test]
fn links_stay_inside_and_hard_links_name_a_file_before_them() {
    check_as(SDIST, &links_table());
}

pub(crate) fn links_table() -> Vec<TarCase> {
    let to = |target: &str| plus(TarEntry::symlink("demo-1.0/x", target));
    let hard = |target: &str| plus(TarEntry::hard_link("demo-1.0/x", target));
    let through = |name: &str| plus_all([TarEntry::symlink("demo-1.0/x", "b"), TarEntry::file(name, b"")]);
    vec![
        ("inside", to("a.py"), &["sdist-link"]),
        ("a hard link", hard("demo-1.0/a.py"), &["sdist-link"]),
        ("absolute", to("/etc/passwd"), &["tar-link-outside", "sdist-link"]),
        ("up", to("../x"), &["tar-link-outside", "sdist-link"]),
        ("up and down", to("b/../../../x"), &["tar-link-outside", "sdist-link"]),
        ("to the folder above", to(".."), &["tar-link-outside", "sdist-link"]),
        ("a drive", to("C:/x"), &["tar-link-outside", "sdist-link"]),
        ("backslashes", to("..\\x"), &["tar-link-outside", "sdist-link"]),
        ("up and down without end", to(&"b/../".repeat(19)), &["tar-link-outside", "sdist-link"]),
        (
            "up behind another link",
            plus_all([TarEntry::symlink("demo-1.0/b/up", "../b"), TarEntry::symlink("demo-1.0/x", "b/up/../../a")]),
            &["tar-link-outside", "sdist-link"],
        ),
        ("empty", to(""), &["tar-link", "sdist-link"]),
        ("a control character", to("a\u{1b}"), &["name-control-character", "sdist-link"]),
        ("not UTF-8", plus(TarEntry::symlink("demo-1.0/x", b"\xff")), &["name-encoding", "sdist-link"]),
        ("with content", plus(TarEntry::new(b'2', "demo-1.0/x", b"x").with(|x| x.link = b"a".to_vec())), &["tar-link"]),
        ("a hard link out", hard("../x"), &["tar-link-outside", "sdist-link"]),
        ("a hard link to a path", hard("/etc/passwd"), &["tar-link-outside", "sdist-link"]),
        ("a hard link to nothing", hard("demo-1.0/none"), &["tar-hard-link", "sdist-link"]),
        ("a hard link to a folder", hard("demo-1.0"), &["tar-hard-link", "sdist-link"]),
        ("a hard link to itself", hard("demo-1.0/x"), &["tar-hard-link", "sdist-link"]),
        (
            "a hard link to what follows",
            plus_all([TarEntry::hard_link("demo-1.0/x", "demo-1.0/y"), TarEntry::file("demo-1.0/y", b"")]),
            &["tar-hard-link", "sdist-link"],
        ),
        (
            "a hard link to a link",
            plus_all([TarEntry::symlink("demo-1.0/y", "a.py"), TarEntry::hard_link("demo-1.0/x", "demo-1.0/y")]),
            &["tar-hard-link", "sdist-link"],
        ),
        ("a file through a link", through("demo-1.0/x/y"), &["tar-through-link", "sdist-link"]),
        ("a file through a link, in another case", through("demo-1.0/X/y"), &["tar-through-link", "sdist-link"]),
        ("a file in place of a link", through("demo-1.0/x"), &["duplicate-member", "sdist-link"]),
    ]
}

#[test]
fn names_keep_the_rules_of_all_archives() {
    check_as(SDIST, &names_table());
}

pub(crate) fn names_table() -> Vec<TarCase> {
    let named = |name: &str| plus(TarEntry::file(name, b""));
    let beside = |name: &str| plus_all([TarEntry::file("demo-1.0/Sub/x", b""), TarEntry::file(name, b"")]);
    vec![
        ("parent", named("demo-1.0/../../x"), &["name-traversal"]),
        ("absolute", named("/demo-1.0/x"), &["name-absolute", "sdist-top-folder"]),
        ("empty part", named("demo-1.0//x"), &["name-empty-part"]),
        ("backslash", named("demo-1.0/a\\b"), &["name-backslash"]),
        ("escape", named("demo-1.0/\u{1b}"), &["name-control-character"]),
        ("device", named("demo-1.0/aux.c"), &["name-device"]),
        ("not UTF-8", plus(TarEntry::file(b"demo-1.0/\xff", b"")), &["name-encoding"]),
        ("not normalised", named("demo-1.0/e\u{301}"), &["name-ambiguous-character"]),
        ("twice", named("demo-1.0/a.py"), &["duplicate-member"]),
        ("a folder twice", plus(TarEntry::folder("demo-1.0/")), &["duplicate-member"]),
        ("case", named("demo-1.0/A.PY"), &["case-collision"]),
        ("a folder's case", beside("demo-1.0/sub/y"), &["case-collision"]),
        ("a file as a folder", named("demo-1.0/a.py/x"), &["file-and-directory"]),
        ("a folder as a file", named("demo-1.0/b"), &["file-and-directory"]),
        ("empty", plus(TarEntry::file("", b"")), &["name-empty", "sdist-top-folder"]),
        (
            "longer than any",
            gz(&sdist().tar().file(&format!("demo-1.0/{}", "n".repeat(1100)), b"")),
            &["name-too-long"],
        ),
    ]
}

#[test]
fn an_archive_ends_once() {
    check_as(SDIST, &ends_table());
}

pub(crate) fn ends_table() -> Vec<TarCase> {
    let end = |end: &[u8]| gz(&sdist().tar().end(end));
    let hidden = TarBuilder::new().file("demo-1.0/hidden", b"").bytes();
    let many = (0..200_001).fold(TarBuilder::new(), |tar, n| tar.entry(TarEntry::folder(format!("demo-1.0/{n}/"))));
    vec![
        ("two blocks of zeros", end(&[0; 1024]), &[]),
        ("no end", end(b""), &["tar-end"]),
        ("one block of zeros", end(&[0; 512]), &["tar-end"]),
        ("a block and a half", end(&[0; 700]), &["tar-end"]),
        ("a member behind one block of zeros", end(&[vec![0; 512], hidden.clone()].concat()), &["tar-trailing-data"]),
        ("a member behind the end", end(&[vec![0; 1024], hidden].concat()), &["tar-trailing-data"]),
        ("text behind the end", end(&[vec![0; 1024], b"text".to_vec()].concat()), &["tar-trailing-data"]),
        ("cut in a member", Gzip::new(&sdist().tar().bytes()[..2400]).bytes(), &["tar-end"]),
        ("cut in a header", Gzip::new(&sdist().tar().bytes()[..700]).bytes(), &["tar-end"]),
        ("more members than any", gz(&many), &["too-many-members"]),
        ("no members", gz(&TarBuilder::new()), &["empty"]),
    ]
}

#[test]
fn the_member_is_named_at_which_the_reading_stopped() {
    let report = verify_as(SDIST, &changed(|a| a.padding = Some(vec![b'h'; 500])));
    let told: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"), @"`demo-1.0/a.py`: something other than zeros fills the last block of its content [tar-padding]");
    assert_eq!((report.members, report.contents), (None, None));
}
