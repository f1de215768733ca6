//! A believable train in one folder: repositories with a history, the release repository, stores,
//! an index of dependencies and installable builds. `trackside rehearse` plays a release on it.
//!
//! Nothing in the folder names the folder, so a copy of it is a world of its own.

mod builds;
mod given;
mod history;
mod index;
mod project;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use given::{Given, Requirement};

use crate::git::Repo;

/// How many artifacts the packages of a made train have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Several platforms, Pythons and accelerators, as a real train has.
    Whole,
    /// One wheel for each package and one zip: each effect that there is costs four crashes.
    Small,
}

/// One package and the repository that hosts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The name of the package.
    pub package: String,
    /// The short name of its repository.
    pub repository: String,
    /// Its version in the release of the train, such as `0.30.0`.
    pub version: String,
}

/// Where the artifacts come from.
#[derive(Debug, Clone)]
enum Origin {
    /// They are made on the spot.
    Made(Scale),
    /// They were given.
    Given(Vec<Given>),
}

/// A throw-away train. The first member is the core, whose release is that of the train.
#[derive(Debug, Clone)]
pub struct Train {
    root: PathBuf,
    members: Vec<Member>,
    origin: Origin,
}

impl Train {
    /// Makes a train of torch, torchvision, torchaudio and their build tools in an empty folder.
    ///
    /// # Errors
    /// When a file cannot be written or git fails.
    pub fn made(root: &Path, scale: Scale) -> io::Result<Self> {
        let member = |package: &str, repository: &str, version: &str| Member {
            package: package.to_owned(),
            repository: repository.to_owned(),
            version: version.to_owned(),
        };
        let members = vec![
            member("torch", "core", "2.15.0"),
            member("torchvision", "vision", "0.30.0"),
            member("torchaudio", "audio", "2.15.0"),
        ];
        Self { root: root.to_owned(), members, origin: Origin::Made(scale) }.create()
    }

    /// Makes a train of the packages that the given wheels are of, one repository for each.
    /// `needed` are requirements that no package of the train fulfils: the index gets stand-ins.
    ///
    /// # Errors
    /// When a file cannot be written, git fails, or a package comes in two versions.
    pub fn of_wheels(root: &Path, wheels: Vec<Given>, needed: &[Requirement]) -> io::Result<Self> {
        let members = given::members(&wheels)?;
        let train = Self { root: root.to_owned(), members, origin: Origin::Given(wheels) }.create()?;
        index::stand_ins(&train.index(), needed)?;
        Ok(train)
    }

    /// The same train in a copy of its folder.
    #[must_use]
    pub fn moved_to(&self, root: &Path) -> Self {
        Self { root: root.to_owned(), ..self.clone() }
    }

    /// Builds what comes out of the given packages at the given commits, in one folder for each
    /// portion in which the builds arrive.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn build(&self, candidate: &str, of: &[(&Member, String)]) -> io::Result<Vec<PathBuf>> {
        let into = self.root.join("builds").join(candidate);
        match &self.origin {
            Origin::Made(scale) => builds::make(&into, *scale, of),
            Origin::Given(wheels) => given::take(&into, wheels, of),
        }
    }

    /// Lands a fix on the default branch of the core, with other work around it; the fix's id.
    ///
    /// # Errors
    /// When git fails.
    pub fn land_fix(&self) -> io::Result<String> {
        history::land_fix(&self.repo(&self.core().repository))
    }

    /// The folder of everything.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The release repository, with `trackside.toml`.
    pub fn release_repository(&self) -> PathBuf {
        self.root.join("release")
    }

    /// The folder of a store: `test`, `stable` or `backup`.
    pub fn store(&self, name: &str) -> PathBuf {
        self.root.join("stores").join(name)
    }

    /// The state store, with plans and journals.
    pub fn state(&self) -> PathBuf {
        self.root.join("state")
    }

    /// The index that dependencies outside the train come from (PEP 503).
    pub fn index(&self) -> PathBuf {
        self.root.join("index")
    }

    /// The home folder of whoever acts in this world.
    pub fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    /// The remote of a short name.
    pub fn repo(&self, name: &str) -> Repo {
        Repo::at(self.root.join("git").join(format!("{name}.git")))
    }

    /// The short names of all repositories.
    pub fn repositories(&self) -> Vec<String> {
        let tools = matches!(self.origin, Origin::Made(_)).then(|| history::TOOLS.to_owned());
        self.members.iter().map(|member| member.repository.clone()).chain(tools).collect()
    }

    /// The packages; the core is the first.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The first member.
    pub fn core(&self) -> &Member {
        // Both constructors refuse a train without members.
        &self.members[0]
    }

    /// The release of the train, such as `2.15.0`.
    pub fn release(&self) -> &str {
        &self.core().version
    }

    /// The line of the train, such as `2.15`.
    pub fn line(&self) -> &str {
        line_of(self.release())
    }

    /// Whether the artifacts were given, not made.
    pub fn is_given(&self) -> bool {
        matches!(self.origin, Origin::Given(_))
    }

    /// The folder of the channel that has a wheel of every package; `None` is the channel's root.
    pub fn index_folder(&self) -> Option<&str> {
        match &self.origin {
            Origin::Made(_) => Some("cpu"),
            Origin::Given(wheels) => {
                let folder = wheels.first().and_then(Given::folder);
                folder.filter(|folder| wheels.iter().all(|wheel| wheel.folder() == Some(folder)))
            }
        }
    }

    fn create(self) -> io::Result<Self> {
        for folder in ["release/lines", "release/patches", "git", "stores", "index", "home/tmp", "builds"] {
            fs::create_dir_all(self.root.join(folder))?;
        }
        let (files, trackside) = match &self.origin {
            Origin::Made(scale) => (project::extra_files(), project::made(*scale)),
            Origin::Given(wheels) => (Vec::new(), project::given(&self.members, wheels)),
        };
        let release = self.release_repository();
        fs::write(release.join("trackside.toml"), trackside)?;
        fs::write(release.join(format!("lines/{}.toml", self.line())), project::line(&self))?;
        for (name, text) in files {
            fs::write(release.join(name), text)?;
        }
        index::create(&self.index())?;
        for member in &self.members {
            let repo = Repo::create(self.repo(&member.repository).path())?;
            history::fill(&repo, member, !self.is_given())?;
        }
        if !self.is_given() {
            history::fill_tools(&Repo::create(self.repo(history::TOOLS).path())?)?;
        }
        Ok(self)
    }
}

/// `2.15` of `2.15.0`.
fn line_of(version: &str) -> &str {
    version.rsplit_once('.').map_or(version, |(line, _)| line)
}
