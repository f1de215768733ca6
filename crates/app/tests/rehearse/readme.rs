//! The tour of the README is what a rehearsal prints, shortened: each line, in this order.

/// The lines of the tour that a rehearsal did not print, or printed in another order.
pub(crate) fn not_told<'a>(readme: &'a str, told: &str) -> Vec<&'a str> {
    let (_, after) = readme.split_once("<!-- tour:").expect("the README has a tour");
    let (_, block) = after.split_once("```text\n").expect("the tour is a block of text");
    let (block, _) = block.split_once("```").expect("the block ends");
    assert!(block.lines().count() > 20, "the tour is a tour");
    let mut printed = told.lines().map(normal);
    block.lines().filter(|line| !printed.any(|one| one == normal(line))).collect()
}

/// A line without what differs from run to run: digests, ports and the machine's installer.
fn normal(line: &str) -> String {
    let hex = |word: &str| word.len() >= 10 && word.chars().all(|char| char.is_ascii_hexdigit());
    let mut text = String::new();
    for word in line.trim_end().split_inclusive(|char: char| !char.is_ascii_alphanumeric()) {
        let bare = word.trim_end_matches(|char: char| !char.is_ascii_alphanumeric());
        let port = text.ends_with("127.0.0.1:");
        text.push_str(if hex(bare) {
            "HEX"
        } else if port {
            "PORT"
        } else {
            bare
        });
        text.push_str(&word[bare.len()..]);
    }
    text
}

#[test]
fn a_line_that_was_not_printed_is_found() {
    let lines: String = (0..21).map(|number| format!("line {number} at 0123456789ab\n")).collect();
    let readme = format!("x <!-- tour: y -->\n```text\n{lines}```\n");
    assert!(not_told(&readme, &lines.replace("0123456789ab", "ba9876543210")).is_empty());
    assert_eq!(not_told(&readme, &lines.replace("line 20 ", "line ")), ["line 20 at 0123456789ab"]);
    assert_eq!(normal("from http://127.0.0.1:4711/whl/"), "from http://127.0.0.1:PORT/whl/");
}
