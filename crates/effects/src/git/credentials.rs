//! Tokens for https remotes: where they come from, how git gets them (askpass and environment,
//! never an argument, a URL or a file), and how they are kept out of every text.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use trackside_domain::git::{RemoteUrl, Transport};

/// The variable that tells the app's `main` that git calls it as an askpass program.
pub const ASKPASS: &str = "TRACKSIDE_ASKPASS";

const ASKPASS_URL: &str = "TRACKSIDE_ASKPASS_URL";
const ASKPASS_USER: &str = "TRACKSIDE_ASKPASS_USER";
const ASKPASS_TOKEN: &str = "TRACKSIDE_ASKPASS_TOKEN";

/// The user name that forges take together with a token.
const TOKEN_USER: &str = "x-access-token";

/// A text that must not be seen: it has no `Display`, and `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the one place that sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// Who we are towards https remotes, by host. Made once by the settings.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    askpass: PathBuf,
    variables: BTreeMap<String, Secret>,
    user_helper: bool,
}

impl Credentials {
    /// No login anywhere: public and local remotes only.
    pub fn none() -> Self {
        Self::default()
    }

    /// Takes `GITHUB_TOKEN` (for github.com), `TRACKSIDE_TOKEN_<HOST>` and `TRACKSIDE_USER_<HOST>` out of
    /// an environment; `<HOST>` is the host with its port, upper case, everything but letters and
    /// digits as `_`. `askpass` is the executable that answers git by [`answer_askpass`].
    pub fn from_environment(variables: impl IntoIterator<Item = (String, String)>, askpass: PathBuf) -> Self {
        let ours = |name: &str| {
            name == "GITHUB_TOKEN" || name.starts_with("TRACKSIDE_TOKEN_") || name.starts_with("TRACKSIDE_USER_")
        };
        let kept = variables.into_iter().filter(|(name, value)| ours(name) && !value.is_empty());
        Self { askpass, variables: kept.map(|(name, value)| (name, Secret(value))).collect(), user_helper: false }
    }

    /// Also lets git ask the user's own credential helper, which needs the user's own git configuration.
    #[must_use]
    pub fn with_user_helper(mut self, wanted: bool) -> Self {
        self.user_helper = wanted;
        self
    }

    /// Whether the user's own configuration and helper are let through.
    pub(super) fn user_helper(&self) -> bool {
        self.user_helper
    }

    /// The variable that holds the token of a remote, to be named in a message; none if none is used.
    pub fn variable_for(remote: &RemoteUrl) -> Option<String> {
        let host = remote.http_host()?;
        let name = if host == "github.com" { "GITHUB_TOKEN".to_owned() } else { variable("TOKEN", &host) };
        Some(name)
    }

    /// The environment that gives the token of this remote, and of no other, to git.
    pub(super) fn environment(&self, remote: &RemoteUrl) -> Vec<(&'static str, String)> {
        let token = match remote.transport() {
            Transport::Http => Self::variable_for(remote).and_then(|name| self.variables.get(&name)),
            Transport::File | Transport::Ssh => None,
        };
        let (Some(token), Some(host)) = (token, remote.http_host()) else { return Vec::new() };
        let user = self.variables.get(&variable("USER", &host)).map_or(TOKEN_USER, Secret::reveal);
        let scheme = if remote.as_str().starts_with("https:") { "https" } else { "http" };
        vec![
            ("GIT_ASKPASS", self.askpass.display().to_string()),
            (ASKPASS, "1".to_owned()),
            (ASKPASS_URL, format!("{scheme}://{host}")),
            (ASKPASS_USER, user.to_owned()),
            (ASKPASS_TOKEN, token.reveal().to_owned()),
        ]
    }

    /// Replaces every known secret, and whatever stands before an `@` in a URL, by `***`.
    pub(super) fn redact(&self, text: &str) -> String {
        let tokens = self.variables.iter().filter(|(name, _)| !name.starts_with("TRACKSIDE_USER_"));
        let text = tokens.fold(text.to_owned(), |text, (_, token)| text.replace(token.reveal(), "***"));
        text.split_inclusive(char::is_whitespace).map(hide_login).collect()
    }
}

fn variable(kind: &str, host: &str) -> String {
    let clean = |char: char| if char.is_ascii_alphanumeric() { char.to_ascii_uppercase() } else { '_' };
    format!("TRACKSIDE_{kind}_{}", host.chars().map(clean).collect::<String>())
}

fn hide_login(word: &str) -> String {
    let Some((scheme, rest)) = word.split_once("://") else { return word.to_owned() };
    let host_end = rest.find('/').unwrap_or(rest.len());
    match rest[..host_end].rfind('@') {
        Some(at) => format!("{scheme}://***{}", &rest[at..]),
        None => word.to_owned(),
    }
}

/// The answer to git's question `Username for 'URL': ` or `Password for 'URL': `, for the app's `main`
/// to print when [`ASKPASS`] is set. `variable` reads the environment. A question about another
/// host than the one that the token belongs to (a redirect) gets no answer.
pub fn answer_askpass(prompt: &str, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    variable(ASKPASS)?;
    let (question, rest) = prompt.split_once(" for '")?;
    let (url, _) = rest.rsplit_once('\'')?;
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let asked = format!("{scheme}://{}", host.trim_end_matches('/'));
    if variable(ASKPASS_URL)? != asked {
        return None;
    }
    match question {
        "Username" => variable(ASKPASS_USER),
        "Password" => variable(ASKPASS_TOKEN),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> Credentials {
        let variables = [
            ("GITHUB_TOKEN", "gh-secret"),
            ("TRACKSIDE_TOKEN_127_0_0_1_8091", "local-secret"),
            ("TRACKSIDE_USER_127_0_0_1_8091", "bot"),
            ("TRACKSIDE_TOKEN_EMPTY_EXAMPLE", ""),
            ("AWS_SECRET_ACCESS_KEY", "not ours"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Credentials::from_environment(variables, "/bin/trackside".into())
    }

    #[test]
    fn each_host_gets_its_own_token_and_no_other() {
        for (url, expected) in [
            ("https://github.com/a/b", Some("x-access-token gh-secret")),
            ("http://127.0.0.1:8091/a.git", Some("bot local-secret")),
            ("http://127.0.0.1:8092/a.git", None),
            ("https://github.com.evil.example/a/b", None),
            ("https://empty.example/a", None),
            ("git@github.com:a/b", None),
            ("/srv/a.git", None),
        ] {
            let environment: BTreeMap<_, _> = credentials().environment(&url.parse().expect(url)).into_iter().collect();
            let found = environment.get(ASKPASS_USER).map(|user| format!("{user} {}", environment[ASKPASS_TOKEN]));
            assert_eq!(found.as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn askpass_answers_for_its_own_host_only() {
        let url = "http://127.0.0.1:8091/a.git".parse().expect("a url");
        let environment: BTreeMap<_, _> = credentials().environment(&url).into_iter().collect();
        let answer = |prompt: &str| answer_askpass(prompt, |name| environment.get(name).cloned());
        for (prompt, expected) in [
            ("Username for 'http://127.0.0.1:8091': ", Some("bot")),
            ("Password for 'http://bot@127.0.0.1:8091': ", Some("local-secret")),
            ("Password for 'http://127.0.0.1:8091@evil.example': ", None),
            ("Password for 'https://127.0.0.1:8091': ", None),
            ("Password for 'http://evil.example': ", None),
            ("Enter passphrase for key '/users/x/.ssh/id': ", None),
            ("", None),
        ] {
            assert_eq!(answer(prompt).as_deref(), expected, "{prompt}");
        }
        assert_eq!(answer_askpass("Password for 'http://127.0.0.1:8091': ", |_| None), None);
    }

    #[test]
    fn secrets_do_not_reach_a_text() {
        let said = credentials().redact("fatal: 'https://user:pw@h/x' said gh-secret\nssh://git@h/y");
        assert_eq!(said, "fatal: 'https://***@h/x' said ***\nssh://***@h/y");
        let debug = format!("{:?}", credentials());
        assert!(!debug.contains("gh-secret") && !debug.contains("local-secret"), "{debug}");
    }
}
