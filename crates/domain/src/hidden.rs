//! Characters that a person does not see in a line of text, or that change how others are read.

/// Control characters, direction marks, joiners, byte order marks, line separators.
pub fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_marks_of_all_scripts_are_seen() {
        assert!(!"aé e\u{301} ß 漢 א ع 🦀".contains(is_hidden));
        for hidden in ["\n", "\u{202e}", "\u{200b}", "\u{feff}", "\u{2028}", "\u{7f}"] {
            assert!(hidden.contains(is_hidden), "{hidden:?}");
        }
    }
}
