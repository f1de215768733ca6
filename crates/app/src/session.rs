//! What a command works with: the checked project, the state store and the outside world, opened
//! once from the command line and the environment.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use trackside_domain::config;
use trackside_domain::digest::Sha256;
use trackside_domain::journal::Operator;
use trackside_domain::project::Project;
use trackside_domain::store::StoreUrl;
use trackside_effects::Performer;
use trackside_effects::git::{Caches, Credentials, Git, GitSettings};

use crate::cli::Global;
use crate::environment::{CONFIG, EPOCH, Environment, STATE};
use crate::error::{Exit, Failure};
use crate::reply::Output;
use crate::state::State;

/// Everything that a command needs beside its arguments.
pub struct Session {
    /// The checked configuration.
    pub project: Project,
    /// The state store.
    pub state: State,
    /// The outside world.
    pub performer: Performer,
    /// The environment of this process.
    pub environment: Environment,
    /// Where answers and talk go.
    pub output: Output,
    /// The global options.
    pub global: Global,
    /// The user's cache folder, which can be thrown away.
    pub cache: PathBuf,
    /// Set by Ctrl-C.
    pub interrupted: Arc<AtomicBool>,
    /// Whether signals set that: done once.
    armed: OnceLock<Result<(), String>>,
}

impl Session {
    /// Reads the configuration and opens the state store.
    ///
    /// # Errors
    /// Exit 2 when there is no configuration or it has problems; otherwise what cannot be opened.
    pub fn open(global: &Global, environment: &Environment, output: Output) -> Result<Self, Failure> {
        let root = release_repository(global)?;
        let project = load(&root)?;
        let folders = Folders::of(environment)?;
        let me = operator(&folders.state, environment)?;
        let state = state_url(&project, &folders, environment)?;
        let stores = environment.stores();
        let state = State::open(&stores, &state, me, &folders.state.join("locks"))?;
        let caches = Caches::new(git(environment)?, folders.cache.join("git"));
        let performer = Performer { caches, stores, trial: trial_name() };
        let (environment, global) = (environment.clone(), global.clone());
        let (cache, interrupted, armed) = (folders.cache, Arc::default(), OnceLock::new());
        Ok(Self { project, state, performer, environment, output, global, cache, interrupted, armed })
    }

    /// From now on Ctrl-C and SIGTERM stop a run cleanly between two effects; the second one stops the process. What
    /// only reads and plans is stopped at once, as every program is.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn stop_between_effects(&self) -> Result<(), Failure> {
        let armed = self.armed.get_or_init(|| arm(&self.interrupted));
        armed.clone().map_err(|error| Failure::new(Exit::Failed, error))
    }

    /// The time that what is published now will show: that of `SOURCE_DATE_EPOCH`, if it is set, so that
    /// a release can be made twice with the same bytes. Never a fraction of a second.
    ///
    /// # Errors
    /// When the variable holds no number of seconds.
    pub fn published_at(&self) -> Result<jiff::Timestamp, Failure> {
        let Some(text) = self.environment.get(EPOCH) else {
            let now = jiff::Timestamp::now().as_second();
            return Ok(jiff::Timestamp::from_second(now).unwrap_or(jiff::Timestamp::UNIX_EPOCH));
        };
        let refused = || Failure::usage(format!("{EPOCH} must be a number of seconds since 1970"));
        let seconds: i64 = text.parse().map_err(|_| refused())?;
        jiff::Timestamp::from_second(seconds).map_err(|_| refused())
    }

    /// The whole environment of generator commands: no credentials, nothing of the user's.
    pub fn generator_environment(&self) -> BTreeMap<OsString, OsString> {
        let kept = |name: &str| Some((name.into(), self.environment.get(name)?.into()));
        ["PATH", "LANG", "LC_ALL"].into_iter().filter_map(kept).collect()
    }
}

/// A name for the trials of stores by this process that no other one takes.
pub fn trial_name() -> String {
    let start = format!("{} {}", std::process::id(), jiff::Timestamp::now());
    Sha256::of(start.as_bytes()).short()
}

/// The state store of a project: that of the environment, of the configuration, or a folder of the user's.
///
/// # Errors
/// When the environment names none, or a wrong one.
pub fn state_store(project: &Project, environment: &Environment) -> Result<StoreUrl, Failure> {
    state_url(project, &Folders::of(environment)?, environment)
}

fn state_url(project: &Project, folders: &Folders, environment: &Environment) -> Result<StoreUrl, Failure> {
    let named = environment.get(STATE).map_or(Ok(None), |url| url.parse::<StoreUrl>().map(Some));
    let named = named.map_err(|error| Failure::usage(format!("{STATE}: {error}")))?;
    match named.or_else(|| project.state.clone()) {
        Some(url) => Ok(url),
        None => folder_url(&folders.state.join("projects").join(file_name(&project.name))),
    }
}

/// The folder with `trackside.toml`: the named one, or the nearest above the current folder.
///
/// # Errors
/// When there is none.
pub fn release_repository(global: &Global) -> Result<PathBuf, Failure> {
    let missing = |from: &Path| {
        Failure::usage(format!("there is no {} in {} or above it", config::MAIN, from.display()))
            .next(format!("trackside init, or name the folder with --config or {CONFIG}"))
    };
    if let Some(named) = &global.config {
        let folder =
            std::path::absolute(named).map_err(|error| Failure::usage(format!("{}: {error}", named.display())))?;
        return if folder.join(config::MAIN).is_file() { Ok(folder) } else { Err(missing(named)) };
    }
    let here = current_folder()?;
    above(&here).ok_or_else(|| missing(&here))
}

/// The release repository for a command that works without one: none is no failure, unless it was named.
///
/// # Errors
/// When the named one is not there.
pub fn release_repository_if_any(global: &Global) -> Result<Option<PathBuf>, Failure> {
    if global.config.is_some() { release_repository(global).map(Some) } else { Ok(above(&current_folder()?)) }
}

fn current_folder() -> Result<PathBuf, Failure> {
    std::env::current_dir().map_err(|error| Failure::usage(format!("the current folder: {error}")))
}

/// The nearest folder with a configuration, upwards.
fn above(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|folder| folder.join(config::MAIN).is_file()).map(Path::to_owned)
}

/// Reads and checks the configuration in a folder.
///
/// # Errors
/// Exit 2 with all problems.
pub fn load(root: &Path) -> Result<Project, Failure> {
    let (files, base) = configuration(root)?;
    config::load(&files, &base)
        .map_err(|problems| Failure::usage(problems.to_string()).next("mend these and: trackside check"))
}

/// The texts of all files of a configuration, by their paths.
fn configuration(root: &Path) -> Result<(BTreeMap<String, String>, String), Failure> {
    let mut files = BTreeMap::new();
    let main = text(root, config::MAIN)?;
    for name in config::referenced_files(&main) {
        // A file that is not there is one of the problems that the check lists.
        if root.join(&name).exists() {
            files.insert(name.clone(), text(root, &name)?);
        }
    }
    files.insert(config::MAIN.to_owned(), main);
    let lines = root.join(config::LINES);
    if lines.is_dir() {
        let unreadable = |error: std::io::Error| Failure::usage(format!("{}: {error}", lines.display()));
        for entry in std::fs::read_dir(&lines).map_err(unreadable)? {
            let name = entry.map_err(unreadable)?.file_name();
            let path = format!("{}/{}", config::LINES, name.to_string_lossy());
            if path.ends_with(".toml") {
                files.insert(path.clone(), text(root, &path)?);
            }
        }
    }
    let base = root.to_str().ok_or_else(|| Failure::usage(format!("{} is not UTF-8", root.display())))?;
    Ok((files, base.to_owned()))
}

fn text(root: &Path, name: &str) -> Result<String, Failure> {
    std::fs::read_to_string(root.join(name)).map_err(|error| Failure::usage(format!("{name}: {error}")))
}

/// The user's folders, by the XDG base directory specification.
struct Folders {
    state: PathBuf,
    cache: PathBuf,
}

impl Folders {
    fn of(environment: &Environment) -> Result<Self, Failure> {
        let home = environment.get("HOME").map(PathBuf::from);
        let folder = |variable: &str, below_home: &str| {
            // The specification says that a relative path is to be ignored.
            let named = environment.get(variable).map(PathBuf::from).filter(|path| path.is_absolute());
            let folder = named.or_else(|| home.as_ref().map(|home| home.join(below_home)));
            folder
                .map(|folder| folder.join("trackside"))
                .ok_or_else(|| Failure::usage(format!("neither HOME nor {variable} is set")))
        };
        Ok(Self { state: folder("XDG_STATE_HOME", ".local/state")?, cache: folder("XDG_CACHE_HOME", ".cache")? })
    }
}

/// Who acts: the account's name, and an id that the machine keeps in its state folder.
fn operator(state: &Path, environment: &Environment) -> Result<Operator, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(Exit::Failed, format!("the state folder {}: {error}", state.display()))
            .next("name a folder that can be written with XDG_STATE_HOME")
    };
    std::fs::create_dir_all(state).map_err(failed)?;
    let file = state.join("machine");
    if !file.exists() {
        let mut random = [0; 16];
        std::fs::File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut random)).map_err(failed)?;
        let id: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let temporary = tempfile::NamedTempFile::new_in(state).map_err(failed)?;
        std::fs::write(temporary.path(), id).map_err(failed)?;
        // Another process may have been first; its id is as good.
        match temporary.persist_noclobber(&file) {
            Err(error) if error.error.kind() != std::io::ErrorKind::AlreadyExists => return Err(failed(error.error)),
            Ok(_) | Err(_) => {}
        }
    }
    let machine = std::fs::read_to_string(&file).map_err(failed)?.trim().to_owned();
    let name = environment.get("USER").or_else(|| environment.get("LOGNAME")).unwrap_or("somebody").to_owned();
    Ok(Operator { name, machine })
}

fn folder_url(folder: &Path) -> Result<StoreUrl, Failure> {
    let text = folder.to_str().ok_or_else(|| Failure::usage(format!("{} is not UTF-8", folder.display())))?;
    text.parse().map_err(|error| Failure::usage(format!("{text}: {error}")))
}

/// A project's name as the name of a folder.
fn file_name(name: &str) -> String {
    let safe = |char: char| if char.is_ascii_alphanumeric() || "-_".contains(char) { char } else { '-' };
    name.chars().map(safe).collect()
}

fn git(environment: &Environment) -> Result<Git, Failure> {
    let me = std::env::current_exe()
        .map_err(|error| Failure::new(Exit::Failed, format!("this program's own path: {error}")))?;
    let variables = environment.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let helper = environment.get(crate::environment::USER_GIT_CONFIG) == Some("1");
    let credentials = Credentials::from_environment(variables, me).with_user_helper(helper);
    let environment = environment.iter().map(|(name, value)| (name.into(), value.into())).collect();
    let settings = GitSettings { program: "git".into(), environment, credentials };
    Git::find(settings).map_err(|error| Failure::new(Exit::Usage, error.to_string()).next("install a newer git"))
}

fn arm(flag: &Arc<AtomicBool>) -> Result<(), String> {
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        let armed =
            signal_hook::flag::register_conditional_shutdown(signal, Exit::Interrupted as i32, Arc::clone(flag))
                .and_then(|_| signal_hook::flag::register(signal, Arc::clone(flag)));
        armed.map_err(|error| format!("signals: {error}"))?;
    }
    Ok(())
}

/// Today, by the clock of UTC, so that a wave is due at the same moment everywhere.
pub fn today() -> jiff::civil::Date {
    jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date()
}
