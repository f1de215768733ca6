//! Chooses between the twins of a page by the request's `Accept` header (PEP 691, RFC 9110).

use trackside_domain::storage_key::Twin;

/// The types that a page can be answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offer {
    /// `application/vnd.pypi.simple.v1+json`.
    Json,
    /// `application/vnd.pypi.simple.v1+html`: the HTML page under its versioned name.
    Html,
    /// `text/html`.
    TextHtml,
}

/// What a 406 lists.
pub(super) const OFFERED: &str = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html, text/html";

impl Offer {
    const ALL: [Self; 3] = [Self::Json, Self::Html, Self::TextHtml];

    /// The page that it is.
    pub(super) const fn twin(self) -> Twin {
        match self {
            Self::Json => Twin::Json,
            Self::Html | Self::TextHtml => Twin::Html,
        }
    }

    /// The type to answer with, if it is not the page's own.
    pub(super) const fn content_type(self) -> Option<&'static str> {
        match self {
            Self::Html => Some("application/vnd.pypi.simple.v1+html"),
            Self::Json | Self::TextHtml => None,
        }
    }

    /// Its names; `latest` is PEP 691's, and is answered with the version that it is.
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Json => &["application/vnd.pypi.simple.v1+json", "application/vnd.pypi.simple.latest+json"],
            Self::Html => &["application/vnd.pypi.simple.v1+html", "application/vnd.pypi.simple.latest+html"],
            Self::TextHtml => &["text/html"],
        }
    }

    /// How closely a media range names it: 2 by name, 1 by `text/*`, 0 by `*/*`.
    fn match_of(self, range: &str) -> Option<u8> {
        let folder = |name: &&str| name.split('/').next() == range.strip_suffix("/*");
        if range == "*/*" {
            Some(0)
        } else if self.names().iter().any(folder) {
            Some(1)
        } else {
            self.names().contains(&range).then_some(2)
        }
    }

    /// Which of equally welcome offers is taken: JSON by those who name it, HTML by those who say
    /// "anything", who are people and old tools.
    const fn preference(self, by_name: bool) -> u8 {
        match (self, by_name) {
            (Self::Json, true) | (Self::TextHtml, false) => 2,
            (Self::Html, true) | (Self::Json, false) => 1,
            (Self::TextHtml, true) | (Self::Html, false) => 0,
        }
    }
}

/// The offers that an `Accept` header takes, the best first. No header takes everything.
pub(super) fn acceptable(accept: Option<&str>) -> Vec<Offer> {
    let ranges: Vec<(String, u16)> = accept.unwrap_or("*/*").split(',').filter_map(media_range).collect();
    let mut ranked: Vec<(u16, u8, u8, Offer)> = Vec::new();
    for offer in Offer::ALL {
        // The closest range decides, so `text/html;q=0, */*` takes all but HTML.
        let matches = ranges.iter().filter_map(|(range, quality)| Some((offer.match_of(range)?, *quality)));
        if let Some((closeness, quality)) = matches.max()
            && quality > 0
        {
            ranked.push((quality, closeness, offer.preference(closeness == 2), offer));
        }
    }
    ranked.sort_by_key(|&(quality, closeness, preference, _)| std::cmp::Reverse((quality, closeness, preference)));
    ranked.into_iter().map(|(.., offer)| offer).collect()
}

/// A media range in lower case with its quality in thousandths. Parameters but `q` do not matter
/// to us; a malformed one is as if it was not there.
fn media_range(text: &str) -> Option<(String, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next().filter(|range| !range.is_empty())?.to_ascii_lowercase();
    let quality = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    });
    Some((range, quality.map_or(Some(1000), thousandths)?))
}

/// A quality: 0 to 1 with at most three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = decimals.bytes().all(|byte| byte.is_ascii_digit());
    if !matches!(whole, "0" | "1") || decimals.len() > 3 || !digits {
        return None;
    }
    let value: u16 = format!("{whole}{decimals:0<3}").parse().ok()?;
    (value <= 1000).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn installers_get_json_and_browsers_get_html() {
        use Offer::{Html, Json, TextHtml};
        let pip = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01";
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
        let cases: &[(&str, &[Offer])] = &[
            (pip, &[Json, Html, TextHtml]),
            (
                "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01",
                &[Json, Html, TextHtml],
            ),
            (browser, &[TextHtml, Json, Html]),
            ("*/*", &[TextHtml, Json, Html]),
            ("text/html", &[TextHtml]),
            ("TEXT/HTML; charset=utf-8", &[TextHtml]),
            ("text/*", &[TextHtml]),
            ("application/*", &[Json, Html]),
            ("application/vnd.pypi.simple.latest+json", &[Json]),
            ("application/vnd.pypi.simple.latest+html", &[Html]),
            ("text/html, application/vnd.pypi.simple.v1+json", &[Json, TextHtml]),
            ("text/html;q=0.5, application/vnd.pypi.simple.v1+json;q=0.4", &[TextHtml, Json]),
            ("text/html;q=0, */*", &[Json, Html]),
            ("application/vnd.pypi.simple.v1+json;q=0", &[]),
            ("application/vnd.pypi.simple.v2+json", &[]),
            ("application/json", &[]),
            ("image/png", &[]),
            ("", &[]),
            ("*/*;q=2", &[]),
            ("*/*;q=x, text/html", &[TextHtml]),
            ("text/html;q=0.0001", &[]),
            (", ,text/html", &[TextHtml]),
        ];
        for (accept, expected) in cases {
            assert_eq!(acceptable(Some(accept)), *expected, "{accept}");
        }
        assert_eq!(acceptable(None), [TextHtml, Json, Html]);
    }
}
