//! The header form of METADATA and WHEEL: `Name: value` lines, continued by indented ones, up to
//! the first empty line (RFC 5322; a name is of printable characters without colon and space).

use crate::limits::MAX_FIELDS;

/// Fields in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Headers(pub(crate) Vec<(String, String)>);

impl Headers {
    /// Reads the header part of `text`.
    ///
    /// # Errors
    /// A lowercase fragment that names the line.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut fields: Vec<(String, String)> = Vec::new();
        for (index, line) in text.split('\n').enumerate() {
            let number = index + 1;
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.is_empty() {
                break;
            }
            if line.chars().any(|char| char.is_control() && char != '\t') {
                return Err(format!("line {number} has a control character"));
            }
            if line.starts_with([' ', '\t']) {
                let (_, value) = fields.last_mut().ok_or("the first line continues nothing")?;
                value.push('\n');
                value.push_str(line);
                continue;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| format!("line {number} is no `Name: value`"))?;
            if name.is_empty() || !name.chars().all(|char| char.is_ascii_graphic()) {
                return Err(format!("line {number} has no field name before its colon"));
            }
            if fields.len() == MAX_FIELDS {
                return Err(format!("it has more than {MAX_FIELDS} fields"));
            }
            fields.push((name.to_owned(), value.trim().to_owned()));
        }
        Ok(Self(fields))
    }

    /// All values of a field; names are compared without case, as e-mail readers do.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The first value of a field.
    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// What follows the header part: everything behind the first empty line.
pub(crate) fn body(text: &str) -> &str {
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        if line.is_empty() || line == "\r" {
            return after;
        }
        rest = after;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_end_at_the_first_empty_line_and_may_be_continued() {
        let headers = Headers::parse("Name: a\r\nX_y:b: c\n  more\n\nName: body").unwrap();
        let expected =
            [("Name", "a"), ("X_y", "b: c\n  more")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(headers.0, expected);
        assert_eq!((headers.first("name"), headers.all("NAME").count()), (Some("a"), 1));
    }

    #[test]
    fn the_body_is_what_follows_the_first_empty_line() {
        for (text, expected) in
            [("A: b\n\nc\n\nd", "c\n\nd"), ("A: b\r\n\r\nc", "c"), ("\nc", "c"), ("A: b\n", ""), ("", "")]
        {
            assert_eq!(body(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_header_is_refused_by_line() {
        for (text, expected) in [
            ("Name: a\nFrom somebody", "line 2 is no `Name: value`"),
            (" x: y", "the first line continues nothing"),
            ("A b: c", "line 1 has no field name before its colon"),
            (": c", "line 1 has no field name before its colon"),
            ("A: \u{0}", "line 1 has a control character"),
            ("A: b\rc", "line 1 has a control character"),
        ] {
            assert_eq!(Headers::parse(text), Err(expected.to_owned()), "{text:?}");
        }
        assert!(Headers::parse(&"a:\n".repeat(MAX_FIELDS)).is_ok());
        assert!(Headers::parse(&"a:\n".repeat(MAX_FIELDS + 1)).is_err());
    }
}
