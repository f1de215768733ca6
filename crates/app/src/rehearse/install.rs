//! The end of the story: the stable channel is served, and pip or uv installs from it what was promoted.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde::Serialize;
use trackside_domain::manifest::{Channel, ChannelMap, Manifest};
use trackside_domain::name::PackageName;
use trackside_domain::storage_key::{StorageKey, percent_decoded};
use trackside_effects::install::read_pip_report;
use trackside_testkit::train::{Member, Train};

use super::broken;
use super::player::{Player, typed};
use super::shelf::Shelf;
use super::tools::{Installer, Tools};
use crate::error::{Exit, Failure};

/// What was installed, and from where.
#[derive(Debug, Serialize)]
pub(super) struct Installed {
    package: String,
    version: String,
    installer: &'static str,
    index: String,
    /// Every package with the digest that both the installer and the manifest have.
    sha256: BTreeMap<String, String>,
}

impl Installed {
    /// The last line of the story.
    pub(super) fn sentence(&self) -> String {
        let Self { package, version, installer, index, .. } = self;
        format!("installed {package} {version} with {installer} from {index}")
    }
}

/// Serves the stable channel and installs the core and a library from it.
pub(super) fn from_stable(player: &Player<'_>, tools: &Tools, shelf: &Shelf<'_>) -> Result<Installed, Failure> {
    player.chapter("the stable channel is served, and an installer takes the release from it");
    let served = Served::start(player)?;
    let index = match player.train.index_folder() {
        Some(folder) => format!("{}whl/{folder}/", served.url),
        None => format!("{}whl/", served.url),
    };
    let (installer, sha256) = Shop { player, tools, shelf, index: &index }.visit()?;
    served.stop()?;
    let Member { package, version, .. } = player
        .train
        .members()
        .iter()
        .find(|member| sha256.contains_key(&member.package))
        .ok_or_else(|| broken("no package of the train fits this machine"))?;
    Ok(Installed { package: package.clone(), version: version.clone(), installer, index, sha256 })
}

/// `trackside serve` as a child. It is stopped when it is dropped.
struct Served {
    child: Child,
    url: String,
}

impl Served {
    fn start(player: &Player<'_>) -> Result<Self, Failure> {
        let arguments = ["serve", "--listen", "127.0.0.1:0"].map(str::to_owned);
        let mut command = player.actor.command(player.train, &arguments);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().map_err(broken)?;
        let mut said = String::new();
        for line in BufReader::new(child.stderr.take().ok_or_else(|| broken("a child without stderr"))?).lines() {
            let line = line.map_err(broken)?;
            player.teller.say(&format!("   $ {}\n     {line}\n", typed(&arguments)));
            if let Some((_, url)) = line.split_once(" at ") {
                return Ok(Self { child, url: url.trim().to_owned() });
            }
            said.push_str(&line);
        }
        child.wait().map_err(broken)?;
        Err(Failure::new(Exit::Failed, format!("`{}` did not start\n{said}", typed(&arguments))))
    }

    fn stop(mut self) -> Result<(), Failure> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).map_err(broken)?;
        let status = self.child.wait().map_err(broken)?;
        if status.success() { Ok(()) } else { Err(broken(format!("`trackside serve` ended with {status}"))) }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // After `stop` there is nothing left to kill; on the way out of a failure nobody asks.
        drop((self.child.kill(), self.child.wait()));
    }
}

/// One visit to the channel.
struct Shop<'a> {
    player: &'a Player<'a>,
    tools: &'a Tools,
    shelf: &'a Shelf<'a>,
    index: &'a str,
}

/// Digests by the names of files.
type Files = BTreeMap<String, String>;

impl Shop<'_> {
    /// Installs, imports and compares; the installer's name and the digest of each package.
    fn visit(&self) -> Result<(&'static str, BTreeMap<String, String>), Failure> {
        let train = self.player.train;
        let mut sha256 = BTreeMap::new();
        let target = train.root().join("installed");
        let groups: Vec<Vec<&Member>> = if train.is_given() {
            // Without dependencies each stands alone, and some may not fit this machine.
            train.members().iter().map(|member| vec![member]).collect()
        } else {
            vec![train.members().iter().take(2).collect()]
        };
        for group in groups {
            match self.install(&group, &target) {
                Ok(more) => sha256.extend(more),
                Err(failure) if train.is_given() => self.player.teller.say(&format!("     {}", failure.message)),
                Err(failure) => return Err(failure),
            }
        }
        if !train.is_given() {
            self.import(train, &target)?;
        }
        let installer = match self.tools.installer {
            Installer::Pip => "pip",
            Installer::Uv(_) => "uv",
        };
        Ok((installer, sha256))
    }

    fn install(&self, members: &[&Member], target: &Path) -> Result<BTreeMap<String, String>, Failure> {
        let train = self.player.train;
        let known = members.iter().map(|member| Ok((*member, manifest_files(self.shelf, member)?)));
        let known = known.collect::<Result<Vec<_>, Failure>>()?;
        let external = url::Url::from_directory_path(train.index()).map_err(|()| broken("its index has no URL"))?;
        let mut options = vec!["--index-url".to_owned(), self.index.to_owned()];
        options.extend(["--extra-index-url".to_owned(), external.to_string()]);
        if train.is_given() {
            options.push("--no-deps".to_owned());
        }
        match &self.tools.installer {
            Installer::Pip => self.with_pip(&known, &options, target),
            Installer::Uv(uv) => self.with_uv(uv, &known, &options, target),
        }
    }

    /// pip says in its report which file it took, and with which digest.
    fn with_pip(&self, known: &[(&Member, Files)], options: &[String], target: &Path) -> Result<Files, Failure> {
        let report = self.player.train.home().join("tmp/report.json");
        let mut command = self.command(&self.tools.python);
        command
            .args(["-m", "pip", "install", "--quiet", "--no-cache-dir", "--only-binary", ":all:", "--report"])
            .arg(&report);
        command.arg("--target").arg(target).args(options).args(known.iter().map(|(member, _)| pin(member)));
        self.run(command, ("pip install", options, known))?;
        let report = read_pip_report(&report).map_err(broken)?;
        let mut same = Files::new();
        for (member, files) in known {
            let item = report.iter().find(|item| item.package.as_str() == member.package);
            let item = item.ok_or_else(|| broken(format!("pip does not report {}", member.package)))?;
            let name = item.url.rsplit('/').next().unwrap_or_default();
            let name = percent_decoded(name).ok_or_else(|| broken("pip reports a URL that is none"))?;
            let sha256 = item.sha256.as_deref().unwrap_or_default();
            if files.get(name.as_ref()).map(String::as_str) != Some(sha256) {
                return Err(Failure::new(
                    Exit::Failed,
                    format!("pip took {name} with sha256 {sha256}, which the manifest does not have"),
                ));
            }
            self.player.teller.say(&format!("     {name}: sha256 {sha256}, as in the manifest"));
            same.insert(member.package.clone(), sha256.to_owned());
        }
        Ok(same)
    }

    /// uv writes no report, but refuses every file that has none of the digests that it is given: those
    /// of the manifest.
    fn with_uv(
        &self,
        uv: &Path,
        known: &[(&Member, Files)],
        options: &[String],
        target: &Path,
    ) -> Result<Files, Failure> {
        let list = self.player.train.home().join("tmp/requirements.txt");
        let mut text = String::new();
        for (member, files) in known {
            let hashes: String = files.values().map(|sha256| format!(" --hash=sha256:{sha256}")).collect();
            text.push_str(&format!("{}{hashes}\n", pin(member)));
        }
        std::fs::write(&list, text).map_err(broken)?;
        let mut command = self.command(uv);
        command
            .args(["pip", "install", "--quiet", "--no-cache", "--no-build", "--verify-hashes", "--python"])
            .arg(&self.tools.python);
        command.arg("--target").arg(target).args(options).arg("--requirements").arg(&list);
        self.run(command, ("uv pip install", options, known))?;
        self.player.teller.say("     uv was given the digests of the manifest, and takes no file that has another one");
        let digest = |(member, files): &(&Member, Files)| {
            let all: Vec<&str> = files.values().map(String::as_str).collect();
            (member.package.clone(), all.join(" or "))
        };
        Ok(known.iter().map(digest).collect())
    }

    /// What was installed says which commit it was built from.
    fn import(&self, train: &Train, target: &Path) -> Result<(), Failure> {
        let core = train.core();
        let question = format!("import {0}, sys; print({0}.__version__, {0}.git_version)", core.package);
        let mut command = self.command(&self.tools.python);
        command.env("PYTHONPATH", target).args(["-c", &question]);
        let said = finish(command)?;
        self.player.teller.say(&format!("   $ python3 -c \"{question}\"\n     {}\n", said.trim()));
        let tag = format!("refs/tags/v{}^{{commit}}", core.version);
        let commit = train.repo(&core.repository).id(&tag).map_err(broken)?;
        if said.trim().ends_with(&commit) {
            Ok(())
        } else {
            Err(broken(format!("it was not built from {commit}: {said}")))
        }
    }

    fn run(
        &self,
        command: Command,
        (verb, options, known): (&str, &[String], &[(&Member, Files)]),
    ) -> Result<(), Failure> {
        let names: Vec<&str> = known.iter().map(|(member, _)| member.package.as_str()).collect();
        self.player.teller.say(&format!("   $ {verb} {} {}", options.join(" "), names.join(" ")));
        finish(command).map(drop)
    }

    /// A program that sees nothing of the user's: no configuration, no cache, no proxy.
    fn command(&self, program: &Path) -> Command {
        let home = self.player.train.home();
        let mut command = Command::new(program);
        command.env_clear().env("HOME", &home).env("TMPDIR", home.join("tmp")).stdin(Stdio::null());
        command.envs([("LANG", "C.UTF-8"), ("NO_COLOR", "1"), ("NO_PROXY", "*"), ("PYTHONDONTWRITEBYTECODE", "1")]);
        command.envs([("PIP_CONFIG_FILE", "/dev/null"), ("PIP_DISABLE_PIP_VERSION_CHECK", "1"), ("PIP_NO_INPUT", "1")]);
        command.envs([("UV_NO_CONFIG", "1"), ("UV_NO_PROGRESS", "1"), ("UV_PYTHON_DOWNLOADS", "never")]);
        command.env("PATH", &self.tools.path);
        command
    }
}

fn pin(member: &Member) -> String {
    format!("{}=={}", member.package, member.version)
}

fn finish(mut command: Command) -> Result<String, Failure> {
    let output = command.output().map_err(broken)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let program = PathBuf::from(command.get_program());
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Failure::new(Exit::Failed, format!("{} failed: {said}", program.display())))
}

/// The digests of all files of the manifest that `stable` points to.
fn manifest_files(shelf: &Shelf<'_>, member: &Member) -> Result<Files, Failure> {
    let read = |store: &str, key: StorageKey| shelf.read(store, &key.key());
    let map = ChannelMap::from_bytes(&read("stable", StorageKey::Channel(Channel::Stable))?).map_err(broken)?;
    let package: PackageName = member.package.parse().map_err(broken)?;
    let entry = map.entries().find(|(name, release, _)| **name == package && release.to_string() == member.version);
    let (_, _, entry) = entry.ok_or_else(|| broken(format!("stable does not have {}", pin(member))))?;
    let (candidate, revision) = (entry.manifest.candidate, entry.manifest.revision);
    let bytes = read("test", StorageKey::Manifest { package, candidate, revision })?;
    let manifest = Manifest::from_bytes(&bytes).map_err(broken)?;
    if manifest.digest() != entry.manifest.sha256 {
        return Err(broken(format!("the manifest of {} is not the one that stable points to", pin(member))));
    }
    Ok(manifest.artifacts.iter().map(|artifact| (artifact.name.to_string(), artifact.sha256.to_string())).collect())
}
