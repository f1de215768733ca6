//! The files of a page in JSON (PEP 691), as the links that a page in HTML would have.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::ClassicLink;
use crate::digest::Sha256;

/// The page of a package, or a list of packages, which links to no file.
#[derive(Deserialize)]
struct Page {
    meta: Option<Meta>,
    files: Option<Vec<File>>,
    projects: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Meta {
    api_version: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct File {
    url: String,
    #[serde(default)]
    hashes: BTreeMap<String, String>,
    requires_python: Option<String>,
    upload_time: Option<String>,
    yanked: Option<Yanked>,
    core_metadata: Option<Metadata>,
    dist_info_metadata: Option<Metadata>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Yanked {
    Is(bool),
    Because(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Metadata {
    /// Whether there is one; it says no digest.
    Is(bool),
    Hashes(BTreeMap<String, String>),
}

/// All files of a page, in their order.
///
/// # Errors
/// The first thing that cannot be understood.
pub fn files(text: &str) -> Result<Vec<ClassicLink>, String> {
    let page: Page = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if let Some(Meta { api_version }) = page.meta.filter(|meta| meta.api_version.split('.').next() != Some("1")) {
        return Err(format!("its version is `{}`, and 1 is known", api_version.escape_debug()));
    }
    if page.files.is_none() && page.projects.is_none() {
        return Err("it has neither `files` nor `projects`".to_owned());
    }
    page.files.into_iter().flatten().map(link).collect()
}

fn link(file: File) -> Result<ClassicLink, String> {
    let uploaded = file.upload_time.map(|time| time.parse());
    let metadata = [file.core_metadata, file.dist_info_metadata].into_iter().flatten().find_map(|one| match one {
        Metadata::Hashes(hashes) => Some(hashes),
        Metadata::Is(true | false) => None,
    });
    Ok(ClassicLink {
        href: file.url.split('#').next().unwrap_or_default().to_owned(),
        sha256: sha256(&file.hashes)?,
        metadata: metadata.map_or(Ok(None), |hashes| sha256(&hashes))?,
        uploaded: uploaded.transpose().map_err(|error| format!("an upload time is none: {error}"))?,
        requires_python: file.requires_python,
        yanked: match file.yanked {
            None | Some(Yanked::Is(false)) => None,
            Some(Yanked::Is(true)) => Some(String::new()),
            // An empty one too: that is how installers read it.
            Some(Yanked::Because(reason)) => Some(reason),
        },
    })
}

fn sha256(hashes: &BTreeMap<String, String>) -> Result<Option<Sha256>, String> {
    hashes.get("sha256").map(|text| text.parse::<Sha256>().map_err(|error| error.to_string())).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(file: &str) -> String {
        format!("{{\"meta\":{{\"api-version\":\"1.0\",\"_last-serial\":3}},\"name\":\"torch\",\"files\":[{{{file}}}]}}")
    }

    #[test]
    fn a_file_is_read_with_all_that_is_said_of_it() {
        let digest = Sha256::of(b"abc");
        let file = format!(
            "\"filename\":\"b.whl\",\"url\":\"../b.whl#x\",\"hashes\":{{\"md5\":\"0\",\"sha256\":\"{digest}\"}},\"size\":3,\
             \"requires-python\":\">=3.9\",\"upload-time\":\"2024-01-02T03:04:05.600Z\",\"yanked\":\"CVE\",\
             \"core-metadata\":true,\"dist-info-metadata\":{{\"sha256\":\"{digest}\"}}"
        );
        let [link] = files(&page(&file)).unwrap().try_into().unwrap();
        assert_eq!((link.href.as_str(), link.sha256, link.metadata), ("../b.whl", Some(digest), Some(digest)));
        assert_eq!((link.requires_python.as_deref(), link.yanked.as_deref()), (Some(">=3.9"), Some("CVE")));
        assert_eq!(link.uploaded.map(|time| time.to_string()).as_deref(), Some("2024-01-02T03:04:05.6Z"));
        for (said, yanked) in [("", None), (",\"yanked\":false", None), (",\"yanked\":true", Some(""))] {
            let [link] = files(&page(&format!("\"url\":\"b.whl\"{said}"))).unwrap().try_into().unwrap();
            assert_eq!(link.yanked.as_deref(), yanked, "{said}");
        }
        assert_eq!(files("{\"meta\":{\"api-version\":\"1.1\"},\"projects\":[{\"name\":\"torch\"}]}"), Ok(Vec::new()));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (text, why) in [
            ("{\"files\":[".to_owned(), "EOF"),
            ("{}".to_owned(), "neither `files` nor `projects`"),
            ("{\"meta\":{\"api-version\":\"2.0\"},\"files\":[]}".to_owned(), "its version is `2.0`"),
            (page("\"filename\":\"b.whl\""), "missing field `url`"),
            (page("\"url\":\"b.whl\",\"hashes\":{\"sha256\":\"12\"}"), "not a sha256 digest"),
            (page("\"url\":\"b.whl\",\"upload-time\":\"now\""), "an upload time is none"),
            (page("\"url\":\"b.whl\",\"yanked\":3"), "did not match"),
        ] {
            let error = files(&text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
