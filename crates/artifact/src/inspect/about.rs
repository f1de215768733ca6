//! What an artifact says about itself, as it is written there: core metadata of wheels and sdists.

use serde::Serialize;

use crate::headers::Headers;

/// The fields of core metadata (packaging.python.org, "Core metadata specifications") that a person
/// asks for, each as written; long values are on one line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct About {
    /// The version of the format, `2.1`.
    pub metadata_version: Option<String>,
    /// The name, which should be that of the file.
    pub name: Option<String>,
    /// The version, which should be that of the file.
    pub version: Option<String>,
    /// One line on what it is.
    pub summary: Option<String>,
    /// The Python versions that it supports.
    pub requires_python: Option<String>,
    /// What it depends on.
    pub requires_dist: Vec<String>,
    /// The extras that it offers.
    pub provides_extra: Vec<String>,
    /// The licence as an SPDX expression (PEP 639).
    pub license_expression: Option<String>,
    /// The licence in words, the older field.
    pub license: Option<String>,
    /// The files with the licence's text.
    pub license_files: Vec<String>,
    /// The classifiers.
    pub classifiers: Vec<String>,
    /// Labels and URLs, with the older fields for the home page and the download.
    pub project_urls: Vec<String>,
}

impl About {
    /// Reads METADATA or PKG-INFO.
    ///
    /// # Errors
    /// A lowercase fragment that says what cannot be read.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
        let headers = Headers::parse(text)?;
        let one = |field: &str| headers.first(field).filter(|value| !value.is_empty()).map(on_one_line);
        let all = |field: &str| headers.all(field).map(on_one_line).collect::<Vec<_>>();
        let page = |label: &str, field: &str| one(field).map(|url| format!("{label}, {url}"));
        let pages = [page("Homepage", "Home-page"), page("Download", "Download-URL")];
        Ok(Self {
            metadata_version: one("Metadata-Version"),
            name: one("Name"),
            version: one("Version"),
            summary: one("Summary"),
            requires_python: one("Requires-Python"),
            requires_dist: all("Requires-Dist"),
            provides_extra: all("Provides-Extra"),
            license_expression: one("License-Expression"),
            license: one("License"),
            license_files: all("License-File"),
            classifiers: all("Classifier"),
            project_urls: pages.into_iter().flatten().chain(all("Project-URL")).collect(),
        })
    }
}

fn on_one_line(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_taken_as_they_are_written() {
        let about = About::read(
            b"Metadata-Version: 2.4\nName: A\nVersion: 1\nSummary: two\n  lines\nHome-page: https://a.example\n\
              Requires-Dist: b\nRequires-Dist: c>=2; extra == 'x'\nLicense-File: LICENSE\n\nRequires-Dist: no\n",
        )
        .unwrap();
        assert_eq!((about.name.as_deref(), about.summary.as_deref()), (Some("A"), Some("two lines")));
        assert_eq!(about.requires_dist, ["b", "c>=2; extra == 'x'"]);
        assert_eq!((about.license_files, about.license_expression), (vec!["LICENSE".to_owned()], None));
        assert_eq!(about.project_urls, ["Homepage, https://a.example"]);
    }

    #[test]
    fn what_is_no_metadata_is_refused() {
        assert_eq!(About::read(b"\xff").unwrap_err(), "it is not UTF-8");
        assert_eq!(About::read(b"hello").unwrap_err(), "line 1 is no `Name: value`");
    }
}
