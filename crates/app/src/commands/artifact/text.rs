//! Text from strangers, and columns.

/// A text with everything escaped that a terminal would obey or not show.
pub(super) fn plain(text: &str) -> String {
    let escaped = |char: char| match char {
        '\'' | '"' | '\\' => char.to_string(),
        other => other.escape_debug().to_string(),
    };
    text.chars().map(escaped).collect()
}

/// Rows with all columns but the last one aligned, each row after the `indent`.
pub(super) fn columns<const N: usize>(indent: &str, rows: &[[String; N]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(|column| if column + 1 == N { 0 } else { width(column) });
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(format!("{indent}{}", cells.join("  ")).trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        assert_eq!(plain("a 'b' \"c\" \\ \u{1b}[31m\u{202e}é"), "a 'b' \"c\" \\ \\u{1b}[31m\\u{202e}é");
    }

    #[test]
    fn columns_are_aligned_but_the_last() {
        let rows = [["a", "bb", "c"], ["aaa", "b", "cccc"], ["a", "", ""]].map(|row| row.map(str::to_owned));
        assert_eq!(columns("  ", &rows), "  a    bb  c\n  aaa  b   cccc\n  a\n");
    }
}
