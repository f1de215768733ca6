//! The file name of a wheel: `torch-2.15.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl`.
//!
//! The form is the binary distribution format's (packaging.python.org, "File name convention"):
//! `{name}-{version}(-{build})?-{python}-{abi}-{platform}.whl`, each tag a set joined with dots.

use std::fmt;
use std::str::FromStr;

use pep440_rs::Version;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::name::PackageName;

/// The longest file name that common file systems hold, in bytes.
const MAX_FILE_NAME: usize = 255;

/// A wheel's file name. Printed exactly as it was written; never normalised, because the file name
/// is what the pages link to and what the `.dist-info` folder inside is named after.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct WheelFileName {
    text: String,
    package: PackageName,
    version: Version,
    build: Option<String>,
    tags: TagSets,
}

/// The three compressed tag sets of a file name, each in the written order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagSets {
    /// Python tags: `cp311`, or `py2` and `py3` of `py2.py3`.
    pub python: Vec<String>,
    /// ABI tags: `cp311`, `abi3`, `none`.
    pub abi: Vec<String>,
    /// Platform tags: `manylinux_2_28_x86_64`, `win_amd64`, `any`.
    pub platform: Vec<String>,
}

/// Why a text is not a wheel's file name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not the file name of a wheel: {reason}", text.escape_debug())]
pub struct WheelNameError {
    text: String,
    reason: String,
}

impl WheelNameError {
    /// What is wrong, without the name.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl WheelFileName {
    /// The file name as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name as written, the first part: `fbgemm_gpu`.
    pub fn name(&self) -> &str {
        self.text.split('-').next().unwrap_or_default()
    }

    /// The version as written, the second part: `2.15.0+cpu`.
    pub fn version_text(&self) -> &str {
        self.text.split('-').nth(1).unwrap_or_default()
    }

    /// The package, normalised.
    pub const fn package(&self) -> &PackageName {
        &self.package
    }

    /// The version as PEP 440 reads it.
    pub const fn version(&self) -> &Version {
        &self.version
    }

    /// The build tag, such as `2` of `torch-2.10.0-2-cp312-none-macosx_11_0_arm64.whl`.
    pub fn build(&self) -> Option<&str> {
        self.build.as_deref()
    }

    /// The three tag sets.
    pub const fn tags(&self) -> &TagSets {
        &self.tags
    }

    /// The folder inside that holds METADATA, WHEEL and RECORD. Installers look it up by the
    /// written spelling of name and version.
    pub fn dist_info(&self) -> String {
        format!("{}-{}.dist-info", self.name(), self.version_text())
    }

    /// Whether the name is spelt as indexes demand: normalised, with `_` for `-`.
    pub fn is_normalised(&self) -> bool {
        self.name() == self.package.in_file_names()
    }
}

impl TagSets {
    /// Every single tag that the sets stand for: `py2-none-any`, `py3-none-any`.
    pub fn expand(&self) -> impl Iterator<Item = String> {
        self.python.iter().flat_map(move |python| {
            self.abi
                .iter()
                .flat_map(move |abi| self.platform.iter().map(move |platform| format!("{python}-{abi}-{platform}")))
        })
    }
}

impl FromStr for WheelFileName {
    type Err = WheelNameError;

    fn from_str(text: &str) -> Result<Self, WheelNameError> {
        if text.len() > MAX_FILE_NAME {
            let short: String = text.chars().take(60).collect();
            return Err(refused(&format!("{short}..."), format!("it is longer than {MAX_FILE_NAME} bytes")));
        }
        parse(text).map_err(|reason| refused(text, reason))
    }
}

fn parse(text: &str) -> Result<WheelFileName, String> {
    if let Some(strange) = text.chars().find(|char| !char.is_ascii_alphanumeric() && !"-_.+!".contains(*char)) {
        return Err(format!("`{}` is not allowed in it", strange.escape_debug()));
    }
    let stem = text.strip_suffix(".whl").ok_or("it does not end with `.whl`")?;
    let parts: Vec<&str> = stem.split('-').collect();
    let (name, version, build, tags) = match parts[..] {
        [name, version, python, abi, platform] => (name, version, None, [python, abi, platform]),
        [name, version, build, python, abi, platform] => (name, version, Some(build), [python, abi, platform]),
        _ => return Err(format!("it has {} parts between `-`, not 5 or 6", parts.len())),
    };
    let package = name.parse::<PackageName>().map_err(|error| error.to_string())?;
    if build.is_some_and(|build| !build.starts_with(|first: char| first.is_ascii_digit())) {
        return Err("its build tag does not begin with a digit".to_owned());
    }
    if build.is_some_and(|build| build.contains(['+', '!'])) {
        return Err("its build tag has a character that is neither letter, digit, `_` nor `.`".to_owned());
    }
    // The message of the library's error spans lines, so only the fact is told.
    let parsed = version.parse::<Version>().map_err(|_| format!("`{version}` is not a PEP 440 version"))?;
    let tags = TagSets {
        python: tag_set("python", tags[0])?,
        abi: tag_set("ABI", tags[1])?,
        platform: tag_set("platform", tags[2])?,
    };
    Ok(WheelFileName { text: text.to_owned(), package, version: parsed, build: build.map(str::to_owned), tags })
}

fn tag_set(kind: &str, text: &str) -> Result<Vec<String>, String> {
    let mut tags: Vec<String> = Vec::new();
    for tag in text.split('.') {
        if tag.is_empty() {
            return Err(format!("an empty {kind} tag"));
        }
        if !tag.chars().all(|char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_') {
            return Err(format!("the {kind} tag `{tag}` is not of lowercase letters, digits and `_`"));
        }
        if tags.iter().any(|known| known == tag) {
            return Err(format!("the {kind} tag `{tag}` stands there twice"));
        }
        tags.push(tag.to_owned());
    }
    Ok(tags)
}

fn refused(text: &str, reason: String) -> WheelNameError {
    WheelNameError { text: text.to_owned(), reason }
}

impl fmt::Display for WheelFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl fmt::Debug for WheelFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WheelFileName({:?})", self.text)
    }
}

impl TryFrom<String> for WheelFileName {
    type Error = WheelNameError;

    fn try_from(text: String) -> Result<Self, WheelNameError> {
        text.parse()
    }
}

impl From<WheelFileName> for String {
    fn from(name: WheelFileName) -> Self {
        name.text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> WheelFileName {
        text.parse().unwrap()
    }

    fn reason(text: &str) -> String {
        text.parse::<WheelFileName>().unwrap_err().reason
    }

    #[test]
    fn real_names_are_read_and_printed_as_written() {
        for text in [
            "torch-2.15.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl",
            "torch-1.12.0+cu102-cp310-cp310-linux_x86_64.whl",
            "torch-2.10.0-2-cp312-none-macosx_11_0_arm64.whl",
            "numpy-2.2.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
            "cryptography-50.0.2-cp311-abi3-manylinux_2_28_x86_64.whl",
            "six-1.16.0-py2.py3-none-any.whl",
            "Jinja2-3.0.3-py3-none-any.whl",
            "torch-2.15.0a0+git123-cp311-cp311-win_amd64.whl",
            "thing-1!2.0-py3-none-any.whl",
        ] {
            assert_eq!(parsed(text).to_string(), text);
        }
    }

    #[test]
    fn the_parts_are_taken_apart() {
        let name = parsed("fbgemm_gpu-1.0+cu126-2b-py2.py3-none-manylinux1_x86_64.any.whl");
        assert_eq!((name.name(), name.version_text(), name.build()), ("fbgemm_gpu", "1.0+cu126", Some("2b")));
        assert_eq!(name.package().as_str(), "fbgemm-gpu");
        assert_eq!(name.dist_info(), "fbgemm_gpu-1.0+cu126.dist-info");
        assert_eq!(
            name.tags().expand().collect::<Vec<_>>(),
            ["py2-none-manylinux1_x86_64", "py2-none-any", "py3-none-manylinux1_x86_64", "py3-none-any"]
        );
    }

    #[test]
    fn hostile_names_are_refused_with_the_reason() {
        for (text, expected) in [
            ("torch-1.0.whl", "it has 2 parts between `-`, not 5 or 6"),
            ("torch-1.0-1-2-py3-none-any.whl", "it has 7 parts between `-`, not 5 or 6"),
            ("fbgemm-gpu-1.0-py3-none-any.whl", "`gpu` is not a PEP 440 version"),
            ("torch-1.0-x1-py3-none-any.whl", "its build tag does not begin with a digit"),
            ("torch-1.0-1+x-py3-none-any.whl", "its build tag has a character"),
            ("torch-x-py3-none-any.whl", "`x` is not a PEP 440 version"),
            ("torch--py3-none-any.whl", "`` is not a PEP 440 version"),
            ("-1.0-py3-none-any.whl", "`` is not a package name"),
            (".torch-1.0-py3-none-any.whl", "`.torch` is not a package name"),
            ("_torch-1.0-py3-none-any.whl", "`_torch` is not a package name"),
            ("to+rch-1.0-py3-none-any.whl", "`to+rch` is not a package name"),
            ("%2e%2e-1.0-py3-none-any.whl", "`%` is not allowed"),
            ("../torch-1.0-py3-none-any.whl", "`/` is not allowed"),
            ("..\\torch-1.0-py3-none-any.whl", "`\\\\` is not allowed"),
            ("to rch-1.0-py3-none-any.whl", "` ` is not allowed"),
            ("torch-1.0-py3-none-any.whl\n", "`\\n` is not allowed"),
            ("torch-1.0-py3-none-any\0.whl", "`\\0` is not allowed"),
            ("tоrch-1.0-py3-none-any.whl", "`о` is not allowed"),
            ("torch-1.0-py3-none-any.zip", "it does not end with `.whl`"),
            ("torch-1.0-py3-none-any.WHL", "it does not end with `.whl`"),
            ("torch-1.0-py3..py2-none-any.whl", "an empty python tag"),
            ("torch-1.0-py3-none-.whl", "an empty platform tag"),
            ("torch-1.0-py3-NONE-any.whl", "the ABI tag `NONE` is not"),
            ("torch-1.0-py3.py3-none-any.whl", "the python tag `py3` stands there twice"),
            ("", "it does not end with `.whl`"),
        ] {
            assert!(reason(text).contains(expected), "{text}: {}", reason(text));
        }
        let long = format!("t{}-1.0-py3-none-any.whl", "o".repeat(300));
        assert_eq!(reason(&long), "it is longer than 255 bytes");
    }

    #[test]
    fn another_spelling_is_told_from_the_normal_one() {
        assert!(!parsed("a.b-1.0-py3-none-any.whl").is_normalised());
        assert!(parsed("a_b-1.0-py3-none-any.whl").is_normalised());
    }

    proptest! {
        #[test]
        fn what_is_read_is_printed_the_same(text in "[a-z]{1,3}-[0-9](\\.[0-9]){0,2}(\\+[a-z0-9]{1,4})?(-[0-9][a-z]?)?-cp3[0-9]-(none|abi3)-(any|win32)\\.whl") {
            prop_assert_eq!(parsed(&text).to_string(), text);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,80}") {
            prop_assert_eq!(text.parse::<WheelFileName>().map_or_else(|_| text.clone(), |name| name.to_string()), text.clone());
        }
    }
}
