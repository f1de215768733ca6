//! A dependency as METADATA states it: `torch==2.15.0; python_version < "3.13"`.
//!
//! The form is that of PEP 508 as pip and PyPI read it (packaging.python.org, "Dependency
//! specifiers"), the old parentheses of `torch (==2.0.0)` included. It is read here and not by a
//! library because the text comes from strangers: in one pass, without recursion, and a marker is
//! only checked for its form, never brought into a normal form whose size can be exponential.

mod marker;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifier};

pub use self::marker::Marker;
use crate::name::PackageName;

/// The longest requirement that is read, in bytes. Real ones, with generated markers, stay below 4 KiB.
const MAX_REQUIREMENT: usize = 16 << 10;

/// One requirement. Two that say the same in the same order of words are equal, whatever their
/// blanks, quotes and parentheses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Requirement {
    /// What is needed.
    pub package: PackageName,
    /// Its optional parts that are needed too, in their normal form.
    pub extras: BTreeSet<PackageName>,
    /// Which versions will do.
    pub wanted: Wanted,
    /// When it is needed; none if always.
    pub marker: Option<Marker>,
}

/// Which versions a requirement takes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// Those that meet all of these, sorted; every one if there are none.
    Versions(BTreeSet<Clause>),
    /// What stands at an address. PyPI takes no such requirement.
    Address(String),
}

/// One clause, `>=1.0`, in its normal spelling.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clause(String);

/// Why a text is not a requirement: a lowercase fragment without the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RequirementError(String);

impl Requirement {
    /// The clauses; none if the requirement is an address or takes every version.
    pub fn clauses(&self) -> impl Iterator<Item = &Clause> {
        let clauses = match &self.wanted {
            Wanted::Versions(clauses) => Some(clauses),
            Wanted::Address(_) => None,
        };
        clauses.into_iter().flatten()
    }

    /// The first clause that names a local version, such as `==2.15.0+cu124`.
    pub fn local_clause(&self) -> Option<&Clause> {
        self.clauses().find(|clause| clause.is_local())
    }

    /// Whether it takes `version`; none if it is an address, which says nothing about versions.
    pub fn takes(&self, version: &Version) -> Option<bool> {
        match &self.wanted {
            Wanted::Versions(clauses) => Some(clauses.iter().all(|clause| clause.takes(version))),
            Wanted::Address(_) => None,
        }
    }
}

/// Reads a bare list of clauses, such as the value of Requires-Python. Commas too many are no
/// error, because none to pip and PyPI.
///
/// # Errors
/// When a clause cannot be read.
pub fn range(text: &str) -> Result<BTreeSet<Clause>, RequirementError> {
    check_length(text)?;
    text.split(',').map(str::trim).filter(|clause| !clause.is_empty()).map(Clause::parse).collect()
}

impl Clause {
    fn parse(text: &str) -> Result<Self, RequirementError> {
        // PEP 440 compares `===` as text, so that anything may follow.
        if let Some(exact) = text.strip_prefix("===") {
            let exact = exact.trim();
            let legal = !exact.is_empty() && !exact.contains(|char: char| char.is_whitespace() || char == ';');
            return if legal { Ok(Self(format!("==={exact}"))) } else { Err(refused("`===` needs one version")) };
        }
        match text.parse::<VersionSpecifier>() {
            Ok(clause) => Ok(Self(clause.to_string())),
            Err(_) => Err(refused(format!("`{}` is no version clause", text.escape_debug()))),
        }
    }

    /// The clause as written, in its normal spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_local(&self) -> bool {
        self.0.contains('+')
    }

    fn takes(&self, version: &Version) -> bool {
        match self.0.strip_prefix("===") {
            Some(exact) => exact.eq_ignore_ascii_case(&version.to_string()),
            None => self.0.parse::<VersionSpecifier>().is_ok_and(|clause| clause.contains(version)),
        }
    }
}

impl FromStr for Requirement {
    type Err = RequirementError;

    fn from_str(text: &str) -> Result<Self, RequirementError> {
        check_length(text)?;
        let (name, rest) = take_name(text.trim())?;
        let package = name.parse().map_err(|_| refused(format!("`{}` is no package name", name.escape_debug())))?;
        let (extras, rest) = take_extras(rest)?;
        let (wanted, rest) = match rest.strip_prefix('@') {
            Some(address) => take_address(address)?,
            None => take_versions(rest)?,
        };
        let marker = match rest.strip_prefix(';') {
            Some(marker) => Some(marker.parse().map_err(RequirementError)?),
            None if rest.is_empty() => None,
            None => return Err(refused("something follows that is neither version nor marker")),
        };
        Ok(Self { package, extras, wanted, marker })
    }
}

fn check_length(text: &str) -> Result<(), RequirementError> {
    if text.len() <= MAX_REQUIREMENT {
        return Ok(());
    }
    Err(refused(format!("it is longer than {MAX_REQUIREMENT} bytes")))
}

/// The name and what follows it.
fn take_name(text: &str) -> Result<(&str, &str), RequirementError> {
    let end = text.find(|char: char| !char.is_ascii_alphanumeric() && !"-_.".contains(char)).unwrap_or(text.len());
    if end == 0 {
        return Err(refused("it begins with no package name"));
    }
    Ok((&text[..end], text[end..].trim_start()))
}

fn take_extras(text: &str) -> Result<(BTreeSet<PackageName>, &str), RequirementError> {
    let Some(inside) = text.strip_prefix('[') else {
        return Ok((BTreeSet::new(), text));
    };
    let (list, rest) = inside.split_once(']').ok_or_else(|| refused("its `[` is not closed"))?;
    let mut extras = BTreeSet::new();
    for extra in list.split(',').map(str::trim).filter(|_| !list.trim().is_empty()) {
        let name = extra.parse().map_err(|_| refused(format!("`{}` is no extra", extra.escape_debug())))?;
        extras.insert(name);
    }
    Ok((extras, rest.trim_start()))
}

/// An address ends with the first blank: a `;` may be a part of it.
fn take_address(text: &str) -> Result<(Wanted, &str), RequirementError> {
    let text = text.trim_start();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    if end == 0 {
        return Err(refused("no address follows its `@`"));
    }
    Ok((Wanted::Address(text[..end].to_owned()), text[end..].trim_start()))
}

/// Clauses, with or without parentheses.
fn take_versions(text: &str) -> Result<(Wanted, &str), RequirementError> {
    let (list, rest) = if let Some(inside) = text.strip_prefix('(') {
        let (list, rest) = inside.split_once(')').ok_or_else(|| refused("its `(` is not closed"))?;
        (list, rest.trim_start())
    } else {
        text.split_at(text.find(';').unwrap_or(text.len()))
    };
    // A comma may stand at the end.
    let list = list.trim();
    let list = list.strip_suffix(',').unwrap_or(list);
    if list.is_empty() {
        return Ok((Wanted::Versions(BTreeSet::new()), rest));
    }
    let clauses = list.split(',').map(|clause| Clause::parse(clause.trim())).collect::<Result<_, _>>()?;
    Ok((Wanted::Versions(clauses), rest))
}

fn refused(reason: impl Into<String>) -> RequirementError {
    RequirementError(reason.into())
}

impl fmt::Display for Requirement {
    /// The normal spelling: no blanks but around words of the marker.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.package)?;
        if !self.extras.is_empty() {
            write!(f, "[{}]", self.extras.iter().map(PackageName::as_str).collect::<Vec<_>>().join(","))?;
        }
        match &self.wanted {
            Wanted::Versions(clauses) => {
                write!(f, "{}", clauses.iter().map(Clause::as_str).collect::<Vec<_>>().join(","))?;
            }
            Wanted::Address(address) => write!(f, " @ {address}")?,
        }
        match (&self.marker, &self.wanted) {
            (Some(marker), Wanted::Versions(_)) => write!(f, "; {marker}"),
            (Some(marker), Wanted::Address(_)) => write!(f, " ; {marker}"),
            (None, _) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn normal(text: &str) -> String {
        text.parse::<Requirement>().map_or_else(|error| format!("error: {error}"), |read| read.to_string())
    }

    #[test]
    fn every_form_that_pip_takes_is_read() {
        for (text, expected) in [
            ("torch", "torch"),
            ("Torch", "torch"),
            ("torch==2.0.0", "torch==2.0.0"),
            ("torch (==2.0.0)", "torch==2.0.0"),
            ("torch(>=1,<2)", "torch<2,>=1"),
            ("torch ()", "torch"),
            ("torch >= 1.0 , != 1.1 ,", "torch!=1.1,>=1.0"),
            ("torch==2.0.*", "torch==2.0.*"),
            ("torch==2.15.0+cu124", "torch==2.15.0+cu124"),
            ("torch===whatever", "torch===whatever"),
            ("a.b_c [X, y-z] ~= 1.4", "a-b-c[x,y-z]~=1.4"),
            ("a[]", "a"),
            ("pip @ https://example.org/pip.zip", "pip @ https://example.org/pip.zip"),
            ("pip@file:///pip;x ; extra=='y'", "pip @ file:///pip;x ; extra == \"y\""),
            ("a; python_version<'3'", "a; python_version < \"3\""),
            ("a (>1); extra == 'b'", "a>1; extra == \"b\""),
            ("a ;(sys_platform=='win32')", "a; ( sys_platform == \"win32\" )"),
        ] {
            assert_eq!(normal(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_requirement_is_refused_with_the_reason() {
        for (text, expected) in [
            ("", "it begins with no package name"),
            ("==1.0", "it begins with no package name"),
            ("-torch", "`-torch` is no package name"),
            ("torch 2.0", "`2.0` is no version clause"),
            ("torch =2.0", "`=2.0` is no version clause"),
            ("torch >=2.0 <3", "`>=2.0 <3` is no version clause"),
            ("torch >=2,,<3", "`` is no version clause"),
            ("torch >=2.*", "`>=2.*` is no version clause"),
            ("torch >=2011k", "`>=2011k` is no version clause"),
            ("torch >=2+cpu", "`>=2+cpu` is no version clause"),
            ("torch ===", "`===` needs one version"),
            ("torch (==1", "its `(` is not closed"),
            ("torch (==1) x", "something follows"),
            ("torch[a", "its `[` is not closed"),
            ("torch[a,,b]", "`` is no extra"),
            ("torch[a b]", "`a b` is no extra"),
            ("torch @", "no address follows its `@`"),
            ("torch @ https://x y", "something follows"),
            ("torch;", "the marker is empty"),
            ("torch\u{1b}[31m", "`\\u{1b}[31m` is no version clause"),
        ] {
            let found = normal(text);
            assert!(found.starts_with(&format!("error: {expected}")), "{text}: {found}");
        }
        assert!(normal(&format!("a=={}", "1".repeat(20_000))).contains("longer than"));
    }

    #[test]
    fn versions_are_weighed_as_installers_do() {
        let takes = |text: &str, version: &str| text.parse::<Requirement>().unwrap().takes(&version.parse().unwrap());
        assert_eq!(takes("torch==2.15.0", "2.15.0+cu124"), Some(true));
        assert_eq!(takes("torch==2.15.0+cu124", "2.15.0"), Some(false));
        assert_eq!(takes("torch", "1"), Some(true));
        assert_eq!(takes("torch>=2,<3", "3"), Some(false));
        assert_eq!(takes("torch===2.0", "2.0"), Some(true));
        assert_eq!(takes("torch @ https://example.org", "1"), None);
    }

    #[test]
    fn local_versions_are_seen_in_every_clause() {
        let local =
            |text: &str| text.parse::<Requirement>().unwrap().local_clause().map(|clause| clause.as_str().to_owned());
        assert_eq!(local("torch!=1,==2.0+cpu").as_deref(), Some("==2.0+cpu"));
        assert_eq!(local("torch===2.0+cpu").as_deref(), Some("===2.0+cpu"));
        assert_eq!(local("torch @ https://example.org/torch-2+cpu.whl"), None);
    }

    #[test]
    fn a_range_is_read_without_a_package() {
        let read = |text: &str| range(text).map(|set| set.iter().map(Clause::as_str).collect::<Vec<_>>().join(","));
        for (text, expected) in [(">=3.8,", ">=3.8"), (",<4,, >= 3", "<4,>=3"), ("", ""), ("===abc", "===abc")] {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
        assert!(range(&">=3,".repeat(10_000)).is_err());
        for text in ["three", "3.8", ">=3.x", ">3.5.*", ">=3 <4", "^3", "==3.8;"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_normal_spelling_is_read_as_the_same(
            name in "[a-z]{1,5}", extras in "(\\[[a-z]{1,3}(, ?[a-z]{1,3})?\\])?",
            clauses in "( ?(==|>=|<|!=)[0-9](\\.[0-9])?(,(==|>=|<|!=) ?[0-9])?)?",
            marker in "(; ?(extra == '[a-z]'|\\(os_name=='nt'\\) or python_version<\"3\"))?",
        ) {
            let read: Requirement = format!("{name}{extras}{clauses}{marker}").parse().unwrap();
            prop_assert_eq!(read.to_string().parse::<Requirement>().unwrap(), read);
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,60}|[a-z(\\[\\])@;<>=~!'\" .0-9]{0,60}") {
            if let Ok(read) = text.parse::<Requirement>() {
                prop_assert_eq!(read.to_string().parse::<Requirement>().unwrap(), read);
            }
        }
    }
}
