//! Copies of a whole world. Real copies: a link would let one world write into another.

use std::fs;
use std::io;
use std::path::Path;

/// What is left out: caches and temporary files, which a copy makes anew.
const LEFT_OUT: [&str; 2] = [".cache", "tmp"];

/// Copies the world in `from` to the new folder `to`.
pub(super) fn world(from: &Path, to: &Path) -> io::Result<()> {
    folder(from, to)?;
    fs::create_dir_all(to.join("home/tmp"))
}

fn folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (name, kind) = (entry.file_name(), entry.file_type()?);
        let target = to.join(&name);
        if kind.is_dir() {
            let home = from.file_name().is_some_and(|name| name == "home");
            if !(home && LEFT_OUT.iter().any(|left_out| name == *left_out)) {
                folder(&entry.path(), &target)?;
            }
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(entry.path())?, &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_everything_but_caches_and_shares_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        for (path, text) in
            [("a/b.txt", "b"), ("home/.cache/git/x", "cached"), ("home/state/machine", "m"), ("a/tmp/y", "y")]
        {
            fs::create_dir_all(one.join(path).parent().unwrap()).unwrap();
            fs::write(one.join(path), text).unwrap();
        }
        world(&one, &other).unwrap();
        assert_eq!(fs::read_to_string(other.join("a/b.txt")).unwrap(), "b");
        assert_eq!(fs::read_to_string(other.join("home/state/machine")).unwrap(), "m");
        assert!(
            other.join("a/tmp/y").is_file() && other.join("home/tmp").is_dir() && !other.join("home/.cache").exists()
        );
        fs::write(other.join("a/b.txt"), "changed").unwrap();
        assert_eq!(fs::read_to_string(one.join("a/b.txt")).unwrap(), "b");
    }
}
