//! Credentials by profile, from the two files that the AWS command line keeps: several S3 servers have
//! several keys, and the environment holds one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use object_store::aws::AmazonS3ConfigKey;

/// Why a profile cannot be used. Never holds a value of it.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProfileError {
    /// No file names it.
    #[error("no profile `{profile}` is in {}", .files.join(" or "))]
    Unknown {
        /// Its name.
        profile: String,
        /// Where it was sought.
        files: Vec<String>,
    },
    /// It names no keys, but perhaps a way to get them, which this program does not go.
    #[error("profile `{0}` has no aws_access_key_id and aws_secret_access_key")]
    NoKeys(String),
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// The settings of a profile.
pub(super) fn settings(
    profile: &str,
    environment: &BTreeMap<String, String>,
) -> Result<Vec<(AmazonS3ConfigKey, String)>, ProfileError> {
    let home = environment.get("HOME").map(PathBuf::from).unwrap_or_default();
    let file = |variable: &str, name: &str| {
        environment.get(variable).map_or_else(|| home.join(".aws").join(name), PathBuf::from)
    };
    let files = [file("AWS_CONFIG_FILE", "config"), file("AWS_SHARED_CREDENTIALS_FILE", "credentials")];
    let mut found = BTreeMap::new();
    for path in &files {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(source) => return Err(ProfileError::Unreadable { path: path.clone(), source }),
        };
        found.extend(section(&text, profile));
    }
    if found.is_empty() {
        let files = files.iter().map(|path| path.display().to_string()).collect();
        return Err(ProfileError::Unknown { profile: profile.to_owned(), files });
    }
    if !found.contains_key("aws_access_key_id") || !found.contains_key("aws_secret_access_key") {
        return Err(ProfileError::NoKeys(profile.to_owned()));
    }
    let known = |(name, value): (String, String)| {
        let key = match name.as_str() {
            "aws_access_key_id" => AmazonS3ConfigKey::AccessKeyId,
            "aws_secret_access_key" => AmazonS3ConfigKey::SecretAccessKey,
            "aws_session_token" => AmazonS3ConfigKey::Token,
            "region" => AmazonS3ConfigKey::Region,
            "endpoint_url" => AmazonS3ConfigKey::Endpoint,
            _ => return None,
        };
        Some((key, value))
    };
    Ok(found.into_iter().filter_map(known).collect())
}

/// The settings below `[profile]` or, as the file `config` writes it, `[profile NAME]`.
fn section(text: &str, profile: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let name = name.trim();
            inside = name == profile || name.strip_prefix("profile ").is_some_and(|name| name.trim() == profile);
        } else if inside
            && !line.starts_with(['#', ';'])
            && let Some((name, value)) = line.split_once('=')
        {
            found.insert(name.trim().to_owned(), value.trim().to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_read_from_its_own_section_only() {
        let text = "[default]\naws_access_key_id = A\n\n[profile r2]\n# a comment\nregion=auto\n\
                    endpoint_url = https://r2.example\n[other]\nregion = x\n";
        let found = section(text, "r2");
        assert_eq!(found["region"], "auto");
        assert_eq!(found["endpoint_url"], "https://r2.example");
        assert_eq!(found.len(), 2);
        assert_eq!(section(text, "default").len(), 1);
    }

    #[test]
    fn a_profile_without_keys_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        std::fs::write(&file, "[profile half]\nregion = eu\n").unwrap();
        let environment = BTreeMap::from([
            ("AWS_CONFIG_FILE".to_owned(), file.display().to_string()),
            ("AWS_SHARED_CREDENTIALS_FILE".to_owned(), folder.path().join("none").display().to_string()),
        ]);
        assert!(matches!(settings("half", &environment), Err(ProfileError::NoKeys(_))));
        assert!(matches!(settings("none", &environment), Err(ProfileError::Unknown { .. })));
    }
}
