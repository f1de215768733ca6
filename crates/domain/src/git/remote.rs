//! Where a repository lives, without a secret.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::checked_text;

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
