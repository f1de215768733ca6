//! Names and ids of git: object ids, branches, tags, full refs and remote URLs.
//!
//! The rules for names are stricter than `git check-ref-format`: ASCII letters, digits and
//! `._/-`, beginning with a letter or digit, so that no name can be taken for an option, hide a
//! control character or look like another one.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::checked_text;

/// Why a text is not a git name of the expected form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a {expected}: {reason}", text.escape_debug())]
pub struct GitNameError {
    text: String,
    expected: &'static str,
    reason: &'static str,
}

/// The id of a git object: 40 (SHA-1) or 64 (SHA-256) lowercase hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct ObjectId(String);

/// A branch without `refs/heads/`, such as `release/2.15`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct BranchName(String);

/// A tag without `refs/tags/`, such as `v2.15.0-rc1`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct TagName(String);

/// A full ref, such as `refs/heads/release/2.15`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct RefName(String);

checked_text!(ObjectId, GitNameError);
checked_text!(BranchName, GitNameError);
checked_text!(TagName, GitNameError);
checked_text!(RefName, GitNameError);

impl ObjectId {
    /// The first ten digits, for people.
    pub fn short(&self) -> &str {
        &self.0[..10]
    }
}

impl BranchName {
    /// The full ref of this branch.
    pub fn to_ref(&self) -> RefName {
        RefName(format!("refs/heads/{}", self.0))
    }
}

impl TagName {
    /// The full ref of this tag.
    pub fn to_ref(&self) -> RefName {
        RefName(format!("refs/tags/{}", self.0))
    }
}

impl RefName {
    /// The name without `refs/heads/` or `refs/tags/`, for people.
    pub fn short(&self) -> &str {
        self.0.strip_prefix("refs/heads/").or_else(|| self.0.strip_prefix("refs/tags/")).unwrap_or(&self.0)
    }
}

impl FromStr for ObjectId {
    type Err = GitNameError;

    fn from_str(text: &str) -> Result<Self, GitNameError> {
        let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if matches!(text.len(), 40 | 64) && text.bytes().all(lower_hex) {
            Ok(Self(text.to_owned()))
        } else {
            let reason = "40 or 64 lowercase hexadecimal digits are needed, not an abbreviation";
            Err(GitNameError { text: text.to_owned(), expected: "commit id", reason })
        }
    }
}

/// The rule that all our ref names keep, stricter than git's own.
fn check_name(text: &str) -> Result<(), &'static str> {
    if text.is_empty() {
        return Err("it is empty");
    }
    if text.len() > 200 {
        return Err("it is longer than 200 bytes");
    }
    if !text.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        return Err("it must begin with a letter or a digit");
    }
    if !text.chars().all(|char| char.is_ascii_alphanumeric() || "._/-".contains(char)) {
        return Err("only letters, digits and `._/-` are allowed");
    }
    if text.contains("..") {
        return Err("it contains `..`");
    }
    let bad_component =
        |part: &str| part.is_empty() || part.starts_with('.') || part.ends_with('.') || part.ends_with(".lock");
    if text.split('/').any(bad_component) {
        return Err("a part between slashes is empty, begins or ends with a dot or ends with `.lock`");
    }
    if text == "HEAD" || text.starts_with("refs/") || text.parse::<ObjectId>().is_ok() {
        return Err("it could be taken for something else");
    }
    Ok(())
}

fn name(text: &str, expected: &'static str) -> Result<String, GitNameError> {
    match check_name(text) {
        Ok(()) => Ok(text.to_owned()),
        Err(reason) => Err(GitNameError { text: text.to_owned(), expected, reason }),
    }
}

impl FromStr for BranchName {
    type Err = GitNameError;

    fn from_str(text: &str) -> Result<Self, GitNameError> {
        name(text, "branch name").map(Self)
    }
}

impl FromStr for TagName {
    type Err = GitNameError;

    fn from_str(text: &str) -> Result<Self, GitNameError> {
        name(text, "tag name").map(Self)
    }
}

impl FromStr for RefName {
    type Err = GitNameError;

    fn from_str(text: &str) -> Result<Self, GitNameError> {
        let reason = "a full ref begins with refs/heads/ or refs/tags/";
        let rest = text
            .strip_prefix("refs/heads/")
            .or_else(|| text.strip_prefix("refs/tags/"))
            .ok_or_else(|| GitNameError { text: text.to_owned(), expected: "full ref", reason })?;
        name(rest, "full ref").map(|_| Self(text.to_owned()))
    }
}

/// Who made a commit or tag, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// Seconds since 1970-01-01 UTC. It comes from the inputs, never from a clock, so that the
    /// same inputs give the same id.
    pub seconds: i64,
}

/// Where a repository lives: `https://`, `ssh://`, `git@host:path`, `file://` or an absolute path.
///
/// It never holds a password: a URL with one is refused when it is parsed, so it cannot leak later.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct RemoteUrl(String);

/// Why a text is not the URL of a git remote. The text itself is not repeated, because it may
/// hold a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this git URL is refused: {0}")]
pub struct RemoteUrlError(&'static str);

checked_text!(RemoteUrl, RemoteUrlError);

/// How a remote is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// A repository on this machine.
    File,
    /// `https://`, or `http://` on the loopback interface.
    Http,
    /// `ssh://` or `user@host:path`.
    Ssh,
}

impl RemoteUrl {
    /// How this remote is reached.
    pub fn transport(&self) -> Transport {
        if self.0.starts_with("https://") || self.0.starts_with("http://") {
            Transport::Http
        } else if self.0.starts_with('/') || self.0.starts_with("file://") {
            Transport::File
        } else {
            Transport::Ssh
        }
    }

    /// The host of an `https` or `http` remote, with its port if it has one.
    pub fn http_host(&self) -> Option<String> {
        let url = url::Url::parse(&self.0).ok().filter(|_| self.transport() == Transport::Http)?;
        let host = url.host_str()?.to_owned();
        Some(url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}")))
    }
}

impl FromStr for RemoteUrl {
    type Err = RemoteUrlError;

    fn from_str(text: &str) -> Result<Self, RemoteUrlError> {
        let refuse = |reason| Err::<(), _>(RemoteUrlError(reason));
        if text.is_empty() || text.starts_with('-') {
            return Err(RemoteUrlError("it is empty or begins with `-`"));
        }
        if text.chars().any(char::is_control) {
            return Err(RemoteUrlError("it contains control characters"));
        }
        // A folder of this machine may be called anything.
        if text.starts_with('/') {
            return Ok(Self(text.to_owned()));
        }
        if text.contains(char::is_whitespace) {
            return Err(RemoteUrlError("it contains white space"));
        }
        if text.contains("::") {
            return Err(RemoteUrlError("remote helpers such as `ext::` are not allowed"));
        }
        match url::Url::parse(text) {
            Ok(url) => match url.scheme() {
                "https" | "file" => check_user(&url, false),
                "http" if is_loopback(&url) => check_user(&url, false),
                "http" => refuse("plain http is allowed on the loopback interface only; use https"),
                "ssh" => check_user(&url, true),
                _ => refuse("only https, ssh, file and absolute paths are allowed"),
            },
            Err(_) => match text.split_once(':') {
                Some((host, path)) if !host.contains('/') && !path.is_empty() && is_ssh_host(host) => Ok(()),
                _ => refuse("only https, ssh, file and absolute paths are allowed"),
            },
        }
        .map(|()| Self(text.to_owned()))
    }
}

fn check_user(url: &url::Url, user_allowed: bool) -> Result<(), RemoteUrlError> {
    if url.password().is_some() || (!user_allowed && !url.username().is_empty()) {
        return Err(RemoteUrlError("it holds a user name or a secret; give the token in the environment"));
    }
    if url.host_str().is_some_and(|host| host.starts_with('-')) || url.username().starts_with('-') {
        return Err(RemoteUrlError("the host or user begins with `-`"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(RemoteUrlError("it has a query or a fragment"));
    }
    Ok(())
}

fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(domain)) => domain == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn is_ssh_host(host: &str) -> bool {
    !host.starts_with('-') && host.chars().all(|char| char.is_ascii_alphanumeric() || "@.-_".contains(char))
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "file",
            Self::Http => "http",
            Self::Ssh => "ssh",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_ref_names_are_refused() {
        let corpus = [
            "",
            "-x",
            "--upload-pack=x",
            "-c",
            "a.lock",
            "a..b",
            "a@{1}",
            "@",
            "HEAD",
            "refs/heads/x",
            "release/1.12/",
            "a//b",
            ".a",
            "a/.b",
            "a b",
            "a\nb",
            "a\0b",
            "a~1",
            "a^",
            "a:b",
            "a?b",
            "a*",
            "a[b",
            "a\\b",
            "/a",
            "a.",
            "réf",
            "a\u{202e}b",
            "0123456789012345678901234567890123456789",
        ];
        for text in corpus {
            assert!(text.parse::<BranchName>().is_err(), "{text:?} was taken as a branch");
            assert!(text.parse::<TagName>().is_err(), "{text:?} was taken as a tag");
            assert!(format!("refs/heads/{text}").parse::<RefName>().is_err(), "{text:?} was taken in a ref");
        }
        assert!("x".repeat(201).parse::<BranchName>().is_err());
    }

    #[test]
    fn ordinary_names_round_trip() {
        for text in ["main", "viable/strict", "release/2.15", "orig/release/2.15", "r2.15", "v2.15.0-rc1"] {
            assert_eq!(text.parse::<BranchName>().map(|name| name.to_ref().short().to_owned()), Ok(text.into()));
        }
    }

    #[test]
    fn hostile_urls_are_refused_without_being_repeated() {
        let corpus = [
            "",
            "-u./x",
            "ext::sh -c x",
            "https://user:hunter2@host/x",
            "https://hunter2@host/x",
            "http://example.com/x",
            "https://host/x\n",
            "../other",
            "ftp://host/x",
            "ssh://-oProxyCommand=x/y",
            "ssh://git:hunter2@host/x",
            "-oProxyCommand=x:y",
            "https://host/x?token=hunter2",
        ];
        for text in corpus {
            let error = text.parse::<RemoteUrl>().expect_err(text);
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn ordinary_urls_are_taken() {
        for (text, transport) in [
            ("https://github.com/pytorch/pytorch.git", Transport::Http),
            ("http://127.0.0.1:8091/core.git", Transport::Http),
            ("git@github.com:pytorch/pytorch.git", Transport::Ssh),
            ("ssh://git@github.com/pytorch/pytorch.git", Transport::Ssh),
            ("/srv/git/core.git", Transport::File),
            ("/srv/my git/core.git", Transport::File),
            ("file:///srv/git/core.git", Transport::File),
        ] {
            assert_eq!(text.parse::<RemoteUrl>().map(|url| url.transport()), Ok(transport), "{text}");
        }
        let url: RemoteUrl = "http://127.0.0.1:8091/core.git".parse().unwrap();
        assert_eq!(url.http_host().as_deref(), Some("127.0.0.1:8091"));
    }
}
