//! What a channel says about one conda package: its `info/index.json`, typed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What `info/index.json` and `info/run_exports.json` say, as far as solvers and builders read it.
/// It stands in the manifest, so that channel data is a function of manifests alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CondaRecord {
    /// The name of the package as conda knows it.
    pub name: String,
    /// The version.
    pub version: String,
    /// The build string.
    pub build: String,
    /// By which solvers choose between builds of one version.
    pub build_number: u64,
    /// The platform, such as `linux-64`, or `noarch`.
    pub subdir: String,
    /// The dependencies, as written.
    pub depends: Vec<String>,
    /// What other packages may not be, if they are installed, as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constrains: Vec<String>,
    /// What may be said or not.
    pub about: CondaAbout,
    /// The digest that older clients compare.
    pub md5: Md5,
    /// What a package that was built with this one has to depend on.
    #[serde(default, skip_serializing_if = "RunExports::is_empty")]
    pub run_exports: RunExports,
}

/// The fields of `info/index.json` that a package may leave out; each as written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CondaAbout {
    /// The processor, an older form of the subdir.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arch: Option<String>,
    /// Features that the package switches on, a form that is no longer used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub features: Option<String>,
    /// The licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license: Option<String>,
    /// The family of the licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub license_family: Option<String>,
    /// `python` or `generic`, for packages that are the same on all platforms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noarch: Option<String>,
    /// The system, an older form of the subdir.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Where this Python has its packages, in Python itself (CEP 17).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub python_site_packages_path: Option<String>,
    /// When it was built, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<u64>,
    /// Features for which solvers take the package only if nothing else is left; words with spaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track_features: Option<String>,
}

/// `info/run_exports.json` (CEP 12).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunExports {
    /// For packages without a platform.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub noarch: Vec<String>,
    /// From build and host environments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strong: Vec<String>,
    /// Constraints from build and host environments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strong_constrains: Vec<String>,
    /// From host environments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weak: Vec<String>,
    /// Constraints from host environments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weak_constrains: Vec<String>,
}

/// An MD5 digest, of no use against anybody who means harm: conda's clients of old compare it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Md5([u8; 16]);

/// Why a text is not an MD5 digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not an md5 digest: 32 hexadecimal digits are needed", .0.escape_debug())]
pub struct Md5Error(String);

impl RunExports {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Md5 {
    /// A digest that was computed while a file was read.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for Md5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Md5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Md5({self})")
    }
}

impl FromStr for Md5 {
    type Err = Md5Error;

    fn from_str(text: &str) -> Result<Self, Md5Error> {
        let number = u128::from_str_radix(text, 16).ok();
        let number = number.filter(|_| text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        number.map(|number| Self(number.to_be_bytes())).ok_or_else(|| Md5Error(text.to_owned()))
    }
}

impl TryFrom<String> for Md5 {
    type Error = Md5Error;

    fn try_from(text: String) -> Result<Self, Md5Error> {
        text.parse()
    }
}

impl From<Md5> for String {
    fn from(digest: Md5) -> Self {
        digest.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_round_trip_and_others_are_refused() {
        let text = "d41d8cd98f00b204e9800998ecf8427e";
        assert_eq!(text.parse::<Md5>().unwrap().to_string(), text);
        for text in ["", "d4", &"+".repeat(32), "+41d8cd98f00b204e9800998ecf8427e", &"0".repeat(33)] {
            assert!(text.parse::<Md5>().is_err(), "{text}");
        }
    }
}
