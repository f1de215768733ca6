//! A repository whose server holds the first push until it is told to go on.

use std::fs;
use std::path::PathBuf;

use super::World;

/// The first push waits behind the gate; all others pass.
pub(crate) struct Gate {
    arrived: PathBuf,
    opened: PathBuf,
}

impl World {
    /// Puts a gate in front of a repository.
    pub(crate) fn gate(&self, repository: &str) -> Gate {
        let folder = self.path("gate");
        fs::create_dir_all(&folder).unwrap();
        let gate = Gate { arrived: folder.join("arrived"), opened: folder.join("opened") };
        for pipe in [&gate.arrived, &gate.opened] {
            rustix::fs::mkfifoat(rustix::fs::CWD, pipe, rustix::fs::Mode::RWXU).unwrap();
        }
        let (arrived, opened, once) =
            (gate.arrived.display(), gate.opened.display(), folder.join("once").display().to_string());
        let script = format!(
            "if mkdir '{once}' 2>/dev/null; then echo here >'{arrived}'; cat '{opened}' >/dev/null; fi\nexit 0\n"
        );
        self.repo(repository).hook("pre-receive", &script).unwrap();
        gate
    }
}

impl Gate {
    /// Returns when the first push has arrived.
    pub(crate) fn wait_for_push(&self) {
        assert_eq!(fs::read_to_string(&self.arrived).unwrap(), "here\n");
    }

    /// Lets the first push go on.
    pub(crate) fn open(&self) {
        fs::write(&self.opened, "go\n").unwrap();
    }
}
