//! Pages that other programs wrote: what their links say. Any page of PEP 503 or PEP 691 is read, whatever made it.

mod json;

use jiff::Timestamp;

pub use self::json::files;
use crate::digest::Sha256;

/// A link as it stands on a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClassicLink {
    /// Where it leads, without its fragment.
    pub href: String,
    /// The digest in its fragment.
    pub sha256: Option<Sha256>,
    /// The digest of the metadata file beside it (PEP 658, PEP 714).
    pub metadata: Option<Sha256>,
    /// When the file came there.
    pub uploaded: Option<Timestamp>,
    /// The Pythons that it requires.
    pub requires_python: Option<String>,
    /// Why it is yanked, if it is.
    pub yanked: Option<String>,
}

/// All links of a page in HTML, in their order.
///
/// # Errors
/// The first thing that cannot be understood: a page that is read only in part would lose links.
pub fn links(text: &str) -> Result<Vec<ClassicLink>, String> {
    let mut links = Vec::new();
    let mut rest = text;
    while let Some(at) = anchor(rest) {
        let (attributes, after) = attributes(&rest[at..])?;
        links.extend(link(&attributes)?);
        rest = after;
    }
    Ok(links)
}

/// Where the attributes of the next `<a ...>` begin. Comments are skipped.
fn anchor(text: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        at += text.get(at..)?.find('<')?;
        let tag = &text[at..];
        if tag.starts_with("<!--") {
            at += tag.find("-->")?;
            continue;
        }
        let mut letters = tag.bytes().skip(1);
        let is_anchor = letters.next().is_some_and(|letter| letter.eq_ignore_ascii_case(&b'a'))
            && letters.next().is_some_and(|letter| letter.is_ascii_whitespace());
        if is_anchor {
            return Some(at + 2);
        }
        at += 1;
    }
}

/// The names of attributes with their values.
type Attributes = Vec<(String, String)>;

/// The attributes of a tag, with their names in lower case, and what follows the tag.
fn attributes(text: &str) -> Result<(Attributes, &str), String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    loop {
        if let Some(after) = rest.strip_prefix('>') {
            return Ok((found, after));
        }
        let end = rest.find(|char: char| char == '=' || char == '>' || char.is_ascii_whitespace());
        let end = end.filter(|end| *end > 0).ok_or_else(|| shown("a link does not end", rest))?;
        let name = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|char| matches!(char, '"' | '\''));
            let quote = quote.ok_or_else(|| shown("an attribute has no quotes", after))?;
            let close = after[1..].find(quote).ok_or_else(|| shown("an attribute does not end", after))?;
            value = &after[1..=close];
            rest = after[close + 2..].trim_start();
        }
        found.push((name, unescaped(value)?));
    }
}

fn link(attributes: &[(String, String)]) -> Result<Option<ClassicLink>, String> {
    let value = |name: &str| attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let Some(href) = value("href") else { return Ok(None) };
    let (href, fragment) = href.split_once('#').unwrap_or((href, ""));
    let sha256 = fragment.split('&').find_map(|part| part.strip_prefix("sha256="));
    let metadata = ["data-core-metadata", "data-dist-info-metadata"].into_iter().find_map(value);
    let metadata = metadata.and_then(|text| text.strip_prefix("sha256="));
    let digest = |text: Option<&str>| text.map(|text| text.parse::<Sha256>().map_err(|error| error.to_string()));
    let uploaded = value("data-upload-time").map(str::parse::<Timestamp>);
    Ok(Some(ClassicLink {
        href: href.trim().to_owned(),
        sha256: digest(sha256).transpose()?,
        metadata: digest(metadata).transpose()?,
        uploaded: uploaded.transpose().map_err(|error| format!("an upload time is none: {error}"))?,
        requires_python: value("data-requires-python").map(str::to_owned),
        yanked: value("data-yanked").map(str::to_owned),
    }))
}

/// The text that an escaped one stands for.
fn unescaped(text: &str) -> Result<String, String> {
    let mut parts = text.split('&');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, after) = part.split_once(';').ok_or_else(|| shown("an `&` stands alone", text))?;
        let char = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            other => numeric(other),
        };
        plain.push(char.ok_or_else(|| shown("an escaped character is unknown", text))?);
        plain.push_str(after);
    }
    Ok(plain)
}

fn numeric(name: &str) -> Option<char> {
    let number = name.strip_prefix('#')?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    char::from_u32(code.ok()?)
}

fn shown(why: &str, text: &str) -> String {
    format!("{why}: `{}`", text.chars().take(60).collect::<String>().escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_the_generator_in_use_is_read() {
        let digest = Sha256::of(b"abc");
        let page = format!(
            "<!DOCTYPE html>\n<html>\n  <body>\n    <h1>Links for torch</h1>\n    <a href=\"/whl/cpu/torch-2.0\
             %2Bcpu-py3-none-any.whl#sha256={digest}\" data-dist-info-metadata=\"sha256={digest}\" data-core-metadata=\
             \"sha256={digest}\" data-requires-python=\"&gt;=3.8\" data-upload-time=\"2024-01-02T03:04:05Z\" \
             data-yanked=\"\">torch-2.0+cpu-py3-none-any.whl</a><br/>\n  <A HREF='/whl/b.whl' >b</A>\n</body></html>\n\
             <!--<a href=\"no\">TIMESTAMP 1-->"
        );
        let found = links(&page).unwrap();
        let [first, second] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(first.href, "/whl/cpu/torch-2.0%2Bcpu-py3-none-any.whl");
        assert_eq!((first.sha256, first.metadata), (Some(digest), Some(digest)));
        assert_eq!((first.requires_python.as_deref(), first.yanked.as_deref()), (Some(">=3.8"), Some("")));
        assert_eq!(first.uploaded.map(|time| time.to_string()).as_deref(), Some("2024-01-02T03:04:05Z"));
        assert_eq!(*second, ClassicLink { href: "/whl/b.whl".to_owned(), ..ClassicLink::default() });
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (page, why) in [
            ("<a href=\"x", "an attribute does not end"),
            ("<a href=x>", "an attribute has no quotes"),
            ("<a href", "a link does not end"),
            ("<a href=\"x&y\">", "an `&` stands alone"),
            ("<a href=\"x&bogus;\">", "an escaped character is unknown"),
            ("<a href=\"x#sha256=12\">", "not a sha256 digest"),
            ("<a href=\"x\" data-upload-time=\"now\">", "an upload time is none"),
        ] {
            let error = links(page).unwrap_err();
            assert!(error.contains(why), "{page}: {error}");
        }
        assert_eq!(links("<abbr href=\"x\"><a name=\"y\">no links").unwrap(), []);
    }
}
