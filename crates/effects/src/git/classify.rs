//! The one place that reads git's prose (in the C locale), because remotes report no codes: from
//! what git said to what the caller can do. Each rule has its sample in the test.

use super::credentials::Credentials;
use super::error::GitError;

/// What kind of failure a message of git stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    NotFound,
    Denied,
    Unreachable,
    MissingRef,
    Unsupported,
    Damaged,
    Other,
}

/// Texts in the order in which they decide; all are compared in lower case.
const RULES: &[(&str, Kind)] = &[
    ("atomic push failed for ref", Kind::Unsupported),
    ("possible repository corruption", Kind::Unsupported),
    ("does not support --atomic", Kind::Unsupported),
    ("mismatched algorithms", Kind::Unsupported),
    ("repository not found", Kind::NotFound),
    ("does not appear to be a git repository", Kind::NotFound),
    ("does not exist", Kind::NotFound),
    ("not a git repository", Kind::NotFound),
    ("requested url returned error: 404", Kind::NotFound),
    ("authentication failed", Kind::Denied),
    ("could not read username", Kind::Denied),
    ("could not read password", Kind::Denied),
    ("unable to get password from user", Kind::Denied),
    ("permission denied", Kind::Denied),
    ("host key verification failed", Kind::Denied),
    ("detected dubious ownership", Kind::Denied),
    ("requested url returned error: 401", Kind::Denied),
    ("requested url returned error: 403", Kind::Denied),
    ("service not enabled", Kind::Denied),
    ("requested url returned error: 429", Kind::Unreachable),
    ("requested url returned error: 5", Kind::Unreachable),
    ("could not resolve host", Kind::Unreachable),
    ("couldn't connect to server", Kind::Unreachable),
    ("failed to connect", Kind::Unreachable),
    ("connection refused", Kind::Unreachable),
    ("connection reset", Kind::Unreachable),
    ("connection timed out", Kind::Unreachable),
    ("network is unreachable", Kind::Unreachable),
    ("no route to host", Kind::Unreachable),
    ("operation timed out", Kind::Unreachable),
    ("operation too slow", Kind::Unreachable),
    ("empty reply from server", Kind::Unreachable),
    ("recv failure", Kind::Unreachable),
    ("rpc failed", Kind::Unreachable),
    ("early eof", Kind::Unreachable),
    ("unexpected disconnect", Kind::Unreachable),
    ("couldn't find remote ref", Kind::MissingRef),
    ("not our ref", Kind::MissingRef),
    ("could not read from remote repository", Kind::Unreachable),
    ("remote end hung up", Kind::Unreachable),
    ("did not send all necessary objects", Kind::Damaged),
    ("bad object", Kind::Damaged),
    ("is corrupt", Kind::Damaged),
    ("is empty", Kind::Damaged),
    ("unable to read", Kind::Damaged),
    ("could not read", Kind::Damaged),
    ("inflate:", Kind::Damaged),
    ("hash mismatch", Kind::Damaged),
    ("cannot be accessed", Kind::Damaged),
    ("missing blob object", Kind::Damaged),
    ("missing tree object", Kind::Damaged),
    ("bad config", Kind::Damaged),
];

/// The kind of failure that `stderr` tells of.
pub(super) fn kind(stderr: &str) -> Kind {
    let text = stderr.to_lowercase();
    // "does not exist" and its like must come from the remote's end of the conversation.
    if let Some((_, after)) = text.split_once("repository '")
        && after.split_once('\'').is_some_and(|(_, rest)| rest.starts_with(" not found"))
    {
        return Kind::NotFound;
    }
    RULES.iter().find(|(sample, _)| text.contains(sample)).map_or(Kind::Other, |(_, kind)| *kind)
}

/// The error of a conversation with a remote.
pub(super) fn remote_error(verb: &str, remote: &str, detail: String) -> GitError {
    let what = remote.to_owned();
    match kind(&detail) {
        Kind::NotFound => GitError::NotFound { what, detail },
        Kind::Denied => {
            let variable = remote.parse().ok().as_ref().and_then(Credentials::variable_for);
            let hint = variable.map(|name| format!(" (the token of this host is read from {name})"));
            GitError::Denied { what, detail: detail + hint.as_deref().unwrap_or_default() }
        }
        Kind::Unreachable => GitError::Unreachable { what, detail },
        Kind::MissingRef => GitError::Missing { what: format!("what was asked for in {what} ({detail})") },
        Kind::Unsupported => GitError::Unsupported { what, detail },
        Kind::Damaged | Kind::Other => GitError::Failed { verb: verb.to_owned(), detail },
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, kind};

    #[test]
    fn what_git_says_is_understood() {
        for (said, expected) in [
            ("fatal: repository 'http://127.0.0.1:1/x.git/' not found", Kind::NotFound),
            ("fatal: '/srv/x' does not appear to be a git repository", Kind::NotFound),
            ("ERROR: Repository not found.\nfatal: Could not read from remote repository.", Kind::NotFound),
            ("fatal: Authentication failed for 'https://h/x'", Kind::Denied),
            ("fatal: could not read Username for 'https://h': terminal prompts disabled", Kind::Denied),
            ("git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.", Kind::Denied),
            ("fatal: detected dubious ownership in repository at '/srv/x'", Kind::Denied),
            ("fatal: unable to access 'https://h/x': The requested URL returned error: 403", Kind::Denied),
            ("fatal: unable to access 'https://h/x': The requested URL returned error: 503", Kind::Unreachable),
            ("fatal: unable to access 'https://h/x': Could not resolve host: h", Kind::Unreachable),
            ("ssh: connect to host h port 22: Connection refused", Kind::Unreachable),
            ("fatal: unable to access 'http://h/': Failed to connect to h port 1 after 0 ms", Kind::Unreachable),
            ("error: RPC failed; curl 52 Empty reply from server", Kind::Unreachable),
            ("fatal: the remote end hung up unexpectedly", Kind::Unreachable),
            ("fatal: couldn't find remote ref refs/heads/nope", Kind::MissingRef),
            ("fatal: remote error: upload-pack: not our ref 1234", Kind::MissingRef),
            (
                "fatal: the receiving end does not support --atomic push\nfatal: the remote end hung up unexpectedly",
                Kind::Unsupported,
            ),
            ("fatal: unable to get password from user", Kind::Denied),
            ("fatal: mismatched algorithms: client sha1; server sha256", Kind::Unsupported),
            ("error: object file objects/12/34 is empty", Kind::Damaged),
            ("fatal: loose object 1234 (stored in x) is corrupt", Kind::Damaged),
            ("fatal: something new", Kind::Other),
        ] {
            assert_eq!(kind(said), expected, "{said}");
        }
    }
}
