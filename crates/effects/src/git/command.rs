//! The one hermetic way to run git: nothing of the user's or the machine's configuration, no hook,
//! no filter, no prompt, no pager; each switch with its reason.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use trackside_domain::git::RemoteUrl;

use super::classify::{Kind, kind, remote_error};
use super::credentials::Credentials;
use super::error::GitError;
use super::process::{self, Finished};

/// The oldest git that works.
pub const MINIMUM_VERSION: &str = "2.40";

/// Why an older one does not.
const MINIMUM_REASON: &str = "older ones have no `merge-tree --write-tree --merge-base`";

/// What may pass from our environment to git. Proxies and certificates belong to the machine's
/// network; the ssh agent is the user's way to log in.
const PASSED: [&str; 14] = [
    "PATH",
    "TMPDIR",
    "SSH_AUTH_SOCK",
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
];

/// Configuration of every call, with the reason of each entry.
const CONFIG: &[(&str, &str)] = &[
    // Nothing that a repository or a template brings along may run.
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.attributesFile", "/dev/null"),
    ("core.excludesFile", "/dev/null"),
    // Names that some file system takes for `.git` are refused on every machine alike.
    ("core.protectHFS", "true"),
    ("core.protectNTFS", "true"),
    // Bytes stay what they are.
    ("core.autocrlf", "false"),
    ("core.eol", "lf"),
    ("core.safecrlf", "false"),
    ("i18n.commitEncoding", "UTF-8"),
    ("i18n.logOutputEncoding", "UTF-8"),
    // Only these transports; `ext::` and other helpers run programs.
    ("protocol.allow", "never"),
    ("protocol.https.allow", "always"),
    ("protocol.http.allow", "always"),
    ("protocol.ssh.allow", "always"),
    ("protocol.file.allow", "always"),
    ("protocol.ext.allow", "never"),
    // A bare repository is used because we name it, never because it lies in the working folder.
    ("safe.bareRepository", "explicit"),
    // Submodules are never followed: their URLs come from the repository.
    ("submodule.recurse", "false"),
    ("fetch.recurseSubmodules", "false"),
    ("push.recurseSubmodules", "no"),
    // No background work on a cache that another process may be using.
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
    ("fetch.writeCommitGraph", "false"),
    // What a server sends is checked: names that leave the tree, `.git` in disguise, hostile submodules.
    ("fetch.fsckObjects", "true"),
    // Blemishes of old imports (time zones, addresses, padded modes): they sit in histories that
    // everybody has, cannot be repaired, and only concern text that we show or copy.
    ("fetch.fsck.badTimezone", "warn"),
    ("fetch.fsck.badDate", "warn"),
    ("fetch.fsck.badDateOverflow", "warn"),
    ("fetch.fsck.badEmail", "warn"),
    ("fetch.fsck.badName", "warn"),
    ("fetch.fsck.missingEmail", "warn"),
    ("fetch.fsck.missingNameBeforeEmail", "warn"),
    ("fetch.fsck.missingSpaceBeforeDate", "warn"),
    ("fetch.fsck.missingSpaceBeforeEmail", "warn"),
    ("fetch.fsck.multipleAuthors", "warn"),
    ("fetch.fsck.zeroPaddedDate", "warn"),
    ("fetch.fsck.zeroPaddedFilemode", "warn"),
    ("fetch.fsck.missingTaggerEntry", "warn"),
    // No program is asked for a password but our own, and no URL may hold one.
    ("core.askPass", ""),
    ("transfer.credentialsInUrl", "die"),
    // A server that says nothing for five minutes is gone; a big one may count its objects for long.
    ("http.lowSpeedLimit", "1"),
    ("http.lowSpeedTime", "300"),
    // Pushes send what they name and nothing else, unsigned and without options.
    ("push.followTags", "false"),
    ("push.gpgSign", "false"),
    ("push.useForceIfIncludes", "false"),
    // Ask the server what it has: without this a push from a cache that is behind resends history.
    ("push.negotiate", "true"),
    // Merges give the same answer everywhere.
    ("merge.renames", "true"),
    ("merge.directoryRenames", "conflict"),
    ("merge.renameLimit", "7000"),
    ("diff.renameLimit", "1000"),
    // Never sent to us: bundles from elsewhere.
    ("transfer.bundleURI", "false"),
];

/// What [`Git::find`] needs; all of it is read by the settings, not here.
#[derive(Debug, Clone)]
pub struct GitSettings {
    /// The program, such as `git` (looked up in `PATH`) or a full path.
    pub program: PathBuf,
    /// The environment of this process; git gets only the few variables that it needs.
    pub environment: BTreeMap<OsString, OsString>,
    /// The logins for https remotes.
    pub credentials: Credentials,
}

/// A git program that was found and is new enough.
#[derive(Debug, Clone)]
pub struct Git {
    program: PathBuf,
    environment: Vec<(OsString, OsString)>,
    credentials: Credentials,
    version: String,
}

impl Git {
    /// Finds git and checks its version.
    ///
    /// # Errors
    /// [`GitError::NoProgram`] or [`GitError::TooOld`].
    pub fn find(settings: GitSettings) -> Result<Self, GitError> {
        let GitSettings { program, environment, credentials } = settings;
        let mut kept: Vec<_> = PASSED
            .iter()
            .filter_map(|name| environment.get_key_value(OsStr::new(name)))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if credentials.user_helper() {
            let home = ["HOME", "XDG_CONFIG_HOME"].map(OsStr::new);
            kept.extend(home.iter().filter_map(|name| Some(((*name).to_owned(), environment.get(*name)?.clone()))));
        } else {
            // Not unset: then the password file `~/.netrc` would be found through the user database.
            kept.push(("HOME".into(), "/dev/null".into()));
            kept.push(("GIT_CONFIG_GLOBAL".into(), "/dev/null".into()));
        }
        let mut git = Self { program, environment: kept, credentials, version: String::new() };
        let said = git.call("version").text()?;
        let found = said.trim().strip_prefix("git version ").unwrap_or(said.trim()).to_owned();
        if number(&found) < number(MINIMUM_VERSION) {
            return Err(GitError::TooOld { found, needed: MINIMUM_VERSION, reason: MINIMUM_REASON });
        }
        git.version = found;
        Ok(git)
    }

    /// The version as git prints it, such as `2.47.3`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Begins a call of a subcommand, outside of any repository.
    pub(super) fn call(&self, verb: &'static str) -> Call<'_> {
        Call { git: self, verb, arguments: Vec::new(), environment: Vec::new(), folder: None, input: Vec::new() }
    }

    /// Text from git that is safe and short enough to show: the first lines, without progress or secrets.
    pub(super) fn presentable(&self, stderr: &[u8]) -> String {
        let text = String::from_utf8_lossy(stderr);
        let lines = text.lines().map(|line| line.rsplit('\r').next().unwrap_or(line).trim_end());
        let useful = lines.filter(|line| !line.is_empty() && !line.starts_with("hint:"));
        let short: Vec<String> = useful.take(8).map(|line| line.chars().take(300).collect()).collect();
        self.credentials.redact(&short.join("\n"))
    }
}

/// Major and minor number; what cannot be read counts as 0, which is too old.
fn number(version: &str) -> (u32, u32) {
    let mut parts = version.split(|char: char| !char.is_ascii_digit()).map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

/// One call of git in the making.
#[must_use = "nothing runs before one of the last methods is called"]
pub(super) struct Call<'a> {
    git: &'a Git,
    verb: &'static str,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
    folder: Option<PathBuf>,
    input: Vec<u8>,
}

impl Call<'_> {
    /// Adds an argument.
    pub(super) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub(super) fn args<T: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = T>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_owned()));
        self
    }

    /// Works in this bare repository.
    pub(super) fn within(mut self, git_dir: &Path) -> Self {
        self.folder = Some(git_dir.to_owned());
        self
    }

    /// Sets a variable for git.
    pub(super) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.into(), value.as_ref().to_owned()));
        self
    }

    /// Gives git the login for this remote, and for no other.
    pub(super) fn login(mut self, remote: &RemoteUrl) -> Self {
        let login = self.git.credentials.environment(remote);
        self.environment.extend(login.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// Gives git bytes on standard input; without this it is empty.
    pub(super) fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = bytes.into();
        self
    }

    /// Runs git and returns how it ended, whatever that is. `on_stderr` sees what git says as it says it.
    pub(super) fn finish_watched(self, on_stderr: &mut dyn FnMut(&[u8])) -> Result<Finished, GitError> {
        let mut command = self.command();
        process::run(&mut command, &self.input, on_stderr)
            .map_err(|source| GitError::NoProgram { program: self.git.program.clone(), source })
    }

    /// Runs git and returns how it ended, whatever that is.
    pub(super) fn finish(self) -> Result<Finished, GitError> {
        self.finish_watched(&mut |_| ())
    }

    /// Runs git on a local repository and returns what it printed.
    pub(super) fn output(self) -> Result<Vec<u8>, GitError> {
        let (git, verb, folder) = (self.git, self.verb, self.folder.clone());
        let finished = self.finish()?;
        if finished.status.success() {
            return Ok(finished.stdout);
        }
        let detail = git.presentable(&finished.stderr);
        Err(match (kind(&detail), folder) {
            (Kind::Damaged, Some(dir)) => GitError::Damaged { dir, detail },
            // Only the fetching of contents that were left out talks to a remote here.
            (Kind::Denied | Kind::Unreachable, Some(dir)) => {
                remote_error(verb, &format!("the remote of {}", dir.display()), detail)
            }
            _ => GitError::Failed { verb: verb.to_owned(), detail },
        })
    }

    /// Like [`Call::output`], as text.
    pub(super) fn text(self) -> Result<String, GitError> {
        let verb = self.verb;
        String::from_utf8(self.output()?).map_err(|error| GitError::unexpected(verb, &error.to_string()))
    }

    /// Runs git on a remote and returns what it printed.
    pub(super) fn remote_output(self, remote: &RemoteUrl) -> Result<Vec<u8>, GitError> {
        let (git, verb) = (self.git, self.verb);
        let finished = self.finish()?;
        if finished.status.success() {
            return Ok(finished.stdout);
        }
        Err(remote_error(verb, remote.as_str(), git.presentable(&finished.stderr)))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place that starts git")]
    fn command(&self) -> Command {
        let mut command = Command::new(&self.git.program);
        command.env_clear().envs(self.git.environment.iter().map(|(name, value)| (name, value)));
        command
            // Messages are read in one place, which knows them in this language only.
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            // The history is what the objects say, not what a local replacement says.
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            // A file name is a name, never a pattern.
            .env("GIT_LITERAL_PATHSPECS", "1")
            // No user configuration can make ssh ask, or wait for ever.
            .env("GIT_SSH_COMMAND", "ssh -oBatchMode=yes -oConnectTimeout=30 -oServerAliveInterval=30")
            .env("GIT_SSH_VARIANT", "ssh")
            // Start where no repository is, and look for none above.
            .env("GIT_CEILING_DIRECTORIES", "/")
            .current_dir("/dev");
        if let Some(folder) = &self.folder {
            command.env("GIT_DIR", folder);
        }
        let helper = (!self.git.credentials.user_helper()).then_some(("credential.helper", ""));
        let entries = CONFIG.iter().copied().chain(helper);
        for (index, (key, value)) in entries.clone().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{index}"), key).env(format!("GIT_CONFIG_VALUE_{index}"), value);
        }
        command.env("GIT_CONFIG_COUNT", entries.count().to_string());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.arg("--no-pager").arg(self.verb).args(&self.arguments);
        command
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn versions_of_every_vendor_are_read() {
        for (text, expected) in [
            ("2.47.3", (2, 47)),
            ("2.39.5 (Apple Git-154)", (2, 39)),
            ("2.40.windows.1", (2, 40)),
            ("2.50.0.rc1.38.g83014dc05f", (2, 50)),
            ("what", (0, 0)),
            ("", (0, 0)),
        ] {
            assert_eq!(number(text), expected, "{text}");
        }
    }
}
