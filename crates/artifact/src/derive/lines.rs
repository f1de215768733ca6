//! The header lines of METADATA and WHEEL, cut so that what is not changed keeps its bytes.

/// A field with its continuation lines, or a line that is none, as it stands.
pub(super) struct Field<'a> {
    /// All of its lines with their ends.
    pub(super) text: &'a str,
    /// Its name; empty for what is no field.
    pub(super) name: &'a str,
    /// Its value without blanks around it; the first line's if it is folded.
    pub(super) value: &'a str,
    /// Whether it has continuation lines.
    pub(super) folded: bool,
}

/// The fields up to the first empty line, and the rest with that line.
pub(super) fn split(text: &str) -> (Vec<Field<'_>>, &str) {
    let mut fields = Vec::new();
    let mut rest = text;
    while !rest.is_empty() && !content(first_line(rest)).is_empty() {
        let first = first_line(rest).len();
        let mut end = first;
        while rest[end..].starts_with([' ', '\t']) {
            end += first_line(&rest[end..]).len();
        }
        let (field, after) = rest.split_at(end);
        let (name, value) = content(&field[..first]).split_once(':').unwrap_or_default();
        fields.push(Field { text: field, name, value: value.trim(), folded: end > first });
        rest = after;
    }
    (fields, rest)
}

impl Field<'_> {
    /// Whether it has this name, as e-mail readers compare.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The field with another value, the rest of its line as it stands.
    pub(super) fn with(&self, value: &str) -> String {
        let start = self.value.as_ptr() as usize - self.text.as_ptr() as usize;
        format!("{}{value}{}", &self.text[..start], &self.text[start + self.value.len()..])
    }

    /// How its first line ends.
    pub(super) fn line_end(&self) -> &str {
        let line = first_line(self.text);
        match &line[content(line).len()..] {
            "" => "\n",
            end => end,
        }
    }
}

/// The line in front, with its end.
fn first_line(text: &str) -> &str {
    text.split_inclusive('\n').next().unwrap_or_default()
}

/// A line without its end.
fn content(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_cut_without_losing_a_byte() {
        let text = "A: b \r\nLong: x\n  more\nC:d\n\nBody: x\n";
        let (fields, rest) = split(text);
        let whole: String = fields.iter().map(|field| field.text).collect();
        assert_eq!(format!("{whole}{rest}"), text);
        let parts: Vec<_> = fields.iter().map(|field| (field.name, field.value, field.folded)).collect();
        assert_eq!(parts, [("A", "b", false), ("Long", "x", true), ("C", "d", false)]);
        assert_eq!((fields[0].with("new").as_str(), fields[0].line_end()), ("A: new \r\n", "\r\n"));
        assert_eq!((fields[2].with("").as_str(), rest), ("C:\n", "\nBody: x\n"));
    }

    #[test]
    fn text_without_a_body_or_an_end_is_cut_too() {
        assert_eq!(split("").0.len(), 0);
        let (fields, rest) = split("A: b");
        assert_eq!((fields[0].with("c"), rest, fields[0].line_end()), ("A: c".to_owned(), "", "\n"));
    }
}
