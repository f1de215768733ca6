//! The index of what is not of the train: static pages (PEP 503) in a folder.

use std::fs;
use std::io;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::Requirement;
use crate::wheel::WheelBuilder;

/// The one dependency that the made packages have.
pub(super) const DEPENDENCY: (&str, &str) = ("filelock", "3.20.0");

/// Makes the index with its one small wheel.
pub(super) fn create(index: &Path) -> io::Result<()> {
    let (name, version) = DEPENDENCY;
    publish(index, name, version)
}

/// Adds an empty wheel for everything that real wheels need and the train does not have.
pub(super) fn stand_ins(index: &Path, needed: &[Requirement]) -> io::Result<()> {
    needed.iter().try_for_each(|Requirement { name, version }| publish(index, name, version))
}

fn publish(index: &Path, name: &str, version: &str) -> io::Result<()> {
    let module = name.replace(['-', '.'], "_");
    let wheel = WheelBuilder::new(name, version)
        .requires_python(">=3.8")
        .file(&format!("{module}/__init__.py"), format!("__version__ = '{version}'\n").as_bytes());
    let folder = index.join(name.to_lowercase().replace(['_', '.'], "-"));
    fs::create_dir_all(&folder)?;
    wheel.write_to(&folder)?;
    page(&folder)?;
    let mut names: Vec<String> = Vec::new();
    for entry in fs::read_dir(index)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    let links: String = names.iter().map(|name| format!("<a href=\"{name}/\">{name}</a><br>\n")).collect();
    fs::write(index.join("index.html"), format!("<!DOCTYPE html>\n{links}"))
}

/// The page of one package: every wheel in its folder.
fn page(folder: &Path) -> io::Result<()> {
    let mut links = String::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "whl") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let digest: String = Sha256::digest(fs::read(&path)?).iter().map(|byte| format!("{byte:02x}")).collect();
            links.push_str(&format!("<a href=\"{name}#sha256={digest}\">{name}</a><br>\n"));
        }
    }
    fs::write(folder.join("index.html"), format!("<!DOCTYPE html>\n{links}"))
}
