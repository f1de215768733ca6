//! The URL of a label of an owner of anaconda.org: `anaconda://OWNER/LABEL`.

use url::Url;

use super::{StoreUrl, StoreUrlError};

/// The parts of such a URL. Files of all labels of an owner have one space of names; the label says under
/// which one a new file is put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnacondaUrl {
    /// The user or organization.
    pub owner: String,
    /// The label; the public sees `main` if it asks for nothing else.
    pub label: String,
    /// Where the server is, without a slash at its end.
    pub endpoint: String,
}

/// The label that the public sees.
const PUBLIC: &str = "main";
/// The server that everybody means.
const SERVER: &str = "https://api.anaconda.org";

impl StoreUrl {
    /// The parts of the URL, if it names a label of anaconda.org.
    pub fn anaconda(&self) -> Option<AnacondaUrl> {
        let url = Url::parse(&self.0).ok().filter(|url| url.scheme() == "anaconda")?;
        let endpoint = url.query_pairs().find(|(name, value)| name == "endpoint" && !value.is_empty());
        let endpoint = endpoint.map_or_else(|| SERVER.to_owned(), |(_, value)| value.trim_end_matches('/').to_owned());
        let label = url.path().trim_matches('/').to_owned();
        Some(AnacondaUrl { owner: url.host_str()?.to_owned(), label, endpoint })
    }

    /// The same owner with another label.
    ///
    /// # Errors
    /// When this is no label of anaconda.org, or `label` cannot be one.
    pub fn with_label(&self, label: &str) -> Result<Self, StoreUrlError> {
        let mut url = Url::parse(&self.0).map_err(|_| StoreUrlError("it cannot be read as a URL"))?;
        url.set_path(label);
        canonical(&url).map(Self).map_err(StoreUrlError)
    }
}

/// The one way to write it, or what is wrong with it.
pub(super) fn canonical(url: &Url) -> Result<String, &'static str> {
    if url.scheme() != "anaconda" {
        return Err("it is no label of anaconda.org");
    }
    let owner = url.host_str().unwrap_or_default();
    if url.port().is_some() || !owner.bytes().all(is_plain) || !owner.starts_with(|char: char| char.is_alphanumeric()) {
        return Err("an owner of letters, digits, `.`, `_` and `-` is needed after `://`");
    }
    let label = match url.path().trim_matches('/') {
        "" => PUBLIC,
        label => label,
    };
    let lower = |byte: u8| is_plain(byte) && !byte.is_ascii_uppercase();
    if !label.starts_with(|char: char| char.is_ascii_lowercase()) || !label.bytes().all(lower) || label.len() > 64 {
        return Err("a label begins with a small letter, and has small letters, digits, `.`, `_` and `-`");
    }
    if url.query_pairs().any(|(name, _)| name != "endpoint") {
        return Err("only `endpoint` may follow `?`; give the token in the environment");
    }
    if url.query_pairs().any(|(_, value)| !super::url::is_plain_endpoint(&value)) {
        return Err("its `endpoint` is not a plain http or https URL");
    }
    let mut canonical = url.clone();
    canonical.set_path(label);
    Ok(canonical.into())
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_has_one_written_form() {
        let read = |text: &str| text.parse::<StoreUrl>().map(|url| url.to_string());
        for text in ["anaconda://pytorch", "anaconda://pytorch/", "anaconda://pytorch/main/"] {
            assert_eq!(read(text).unwrap(), "anaconda://pytorch/main", "{text}");
        }
        let url: StoreUrl = "anaconda://pytorch-test/rc?endpoint=http://127.0.0.1:80/".parse().unwrap();
        let parts = url.anaconda().unwrap();
        assert_eq!((parts.owner.as_str(), parts.label.as_str()), ("pytorch-test", "rc"));
        assert_eq!(parts.endpoint, "http://127.0.0.1:80");
        let hidden = url.with_label("trackside-2.15.0").unwrap();
        assert_eq!(hidden.to_string(), "anaconda://pytorch-test/trackside-2.15.0?endpoint=http://127.0.0.1:80/");
        let parts = "anaconda://pytorch".parse::<StoreUrl>().unwrap().anaconda().unwrap();
        assert_eq!(parts.endpoint, "https://api.anaconda.org");
        assert!("s3://bucket".parse::<StoreUrl>().unwrap().with_label("main").is_err());
    }

    #[test]
    fn what_is_no_label_is_refused() {
        for text in [
            "anaconda:///main",
            "anaconda://-x/main",
            "anaconda://a/b/c",
            "anaconda://a/Main",
            "anaconda://a/1",
            "anaconda://a/b%20c",
            "anaconda://a/b?token=x",
            "anaconda://a/b?endpoint=http://user:secret@host",
            "anaconda://token@a/b",
            "anaconda://a:1/b",
        ] {
            assert!(text.parse::<StoreUrl>().is_err(), "{text}");
        }
    }
}
