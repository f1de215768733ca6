//! What a server says about objects that are read: a page that is sent as something else is none for an installer,
//! whatever its bytes are.

use object_store::{Attribute, Attributes};
use trackside_domain::storage_key::{Attributes as Wanted, StorageKey};
use trackside_domain::store::ObjectKey;

use super::Remote;

impl Remote {
    /// Remembers how the headers of an object contradict what it must be sent with.
    pub(super) fn note_headers(&self, key: &ObjectKey, sent: &Attributes) {
        let Some(wanted) = Wanted::of(key.as_str()) else { return };
        // Installers look at the type of pages and data; files came in with whatever type their uploader gave them,
        // and are never replaced.
        let is_file = matches!(StorageKey::parse(key.as_str()), Some(StorageKey::Artifact(_)));
        let Some(why) = contradiction(wanted, is_file, sent) else { return };
        self.client.learned.note_contradiction(key, why);
    }

    /// How the headers of an object that was read contradict what it must be sent with.
    pub(in crate::store) fn contradiction(&self, key: &ObjectKey) -> Option<String> {
        self.client.learned.contradiction(key)
    }
}

/// What is not said is no contradiction. How long something may be cached is for whoever stands before the store, so a
/// page that asks for less or for somewhat more is none either.
fn contradiction(wanted: Wanted, is_file: bool, sent: &Attributes) -> Option<String> {
    let said = |attribute| sent.get(&attribute).map(|value| value.trim().to_ascii_lowercase());
    let encoded =
        said(Attribute::ContentEncoding).filter(|said| !matches!(said.as_str(), "" | "identity" | "aws-chunked"));
    if let Some(said) = said(Attribute::ContentType).filter(|said| !is_file && !is_type(said, wanted.content_type)) {
        return Some(format!("it is sent as `{}`, not as `{}`", said.escape_debug(), wanted.content_type));
    }
    if let Some(said) = encoded {
        return Some(format!("it is sent with the encoding `{}`, which it does not have", said.escape_debug()));
    }
    let said = said(Attribute::CacheControl).filter(|said| !is_file && stays(said) && !stays(wanted.cache_control))?;
    Some(format!("caches may keep it (`{}`) although it is replaced", said.escape_debug()))
}

/// Whether a content type means this one. All that has a charset is UTF-8.
fn is_type(said: &str, wanted: &str) -> bool {
    let essence = |text: &str| text.split(';').next().unwrap_or_default().trim().to_owned();
    let charset = said.split(';').skip(1).find_map(|parameter| parameter.trim().strip_prefix("charset="));
    let charset = charset.map(|charset| charset.trim_matches('"'));
    essence(said) == essence(wanted) && charset.is_none_or(|charset| matches!(charset, "utf-8" | "utf8"))
}

/// The longest that a page may be cached without asking, in seconds: a day.
const LONG: u64 = 24 * 60 * 60;

/// Whether caches do not ask about an object for long.
fn stays(cache_control: &str) -> bool {
    let mut directives = cache_control.split(',').map(str::trim);
    let age = |directive: &str| {
        directive.strip_prefix("max-age=").or_else(|| directive.strip_prefix("s-maxage="))?.parse().ok()
    };
    directives.any(|directive| directive == "immutable" || age(directive).is_some_and(|age: u64| age > LONG))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(key: &str, said: &[(Attribute, &'static str)]) -> Option<String> {
        let sent = said.iter().cloned().collect();
        contradiction(Wanted::of(key).unwrap(), key.ends_with(".whl"), &sent)
    }

    #[test]
    fn a_type_is_one_with_its_charset() {
        let page = |said| told("whl/cpu/torch/index.html", &[(Attribute::ContentType, said)]).is_none();
        for fine in ["text/html", "Text/HTML; Charset=UTF-8", "text/html;charset=\"utf-8\"", "text/html; a=b"] {
            assert!(page(fine), "{fine}");
        }
        for wrong in ["text/plain", "text/html; charset=utf-16", "text/html; a=b; charset=latin1", ""] {
            assert!(!page(wrong), "{wrong}");
        }
        let json = |said| told("whl/torch/index.v1_json", &[(Attribute::ContentType, said)]);
        assert_eq!(
            json("application/json").unwrap(),
            "it is sent as `application/json`, not as `application/vnd.pypi.simple.v1+json`"
        );
    }

    #[test]
    fn what_is_replaced_is_not_cached_for_long() {
        let page = |said| told("whl/cpu/torch/index.html", &[(Attribute::CacheControl, said)]);
        for fine in ["no-cache", "max-age=600, public, must-revalidate", "max-age=3600", "no-store", "max-age=x", ""] {
            assert_eq!(page(fine), None, "{fine}");
        }
        for wrong in ["max-age=600, immutable", "public, max-age=31536000", "s-maxage=99999"] {
            assert!(page(wrong).unwrap().starts_with("caches may keep it"), "{wrong}");
        }
        let file = "whl/cpu/torch-2.6.0-py3-none-any.whl";
        assert_eq!(told(file, &[(Attribute::CacheControl, "max-age=31536000, immutable")]), None);
        assert_eq!(told(file, &[(Attribute::ContentType, "application/zip")]), None);
        assert!(told(file, &[(Attribute::ContentEncoding, "gzip")]).unwrap().contains("encoding `gzip`"));
    }
}
