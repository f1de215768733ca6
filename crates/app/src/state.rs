//! The state store: plans and the journal of each run.

mod leases;

use std::fs::File;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use trackside_domain::digest::Sha256;
use trackside_domain::journal::{Event, Operator, Outcome, Run, What};
use trackside_domain::plan::{PLAN_FORMAT, Plan};
use trackside_domain::storage_key::{KeyPrefix, StorageKey};
use trackside_domain::store::StoreUrl;
use trackside_effects::all_together;
use trackside_effects::log::{Log, LogError};
use trackside_effects::store::{Access, Entry, Source, Store, StoreError, Stores, Target};

use crate::error::{Exit, Failure};

/// Plans are small; one that is larger than this was not written by trackside.
const PLAN_CAP: u64 = 256 << 20;

/// Plans and leases that are read at the same time: the state may be on a server.
const AT_ONCE: usize = 16;

/// The state store as one operator sees it.
#[derive(Debug, Clone)]
pub struct State {
    store: Store,
    me: Operator,
    locks: PathBuf,
}

/// The journal of one run that this process may write to.
#[derive(Debug)]
pub struct Journal {
    log: Log,
    next: u64,
    me: Operator,
    /// What the events so far amount to.
    pub run: Run,
    /// Held until the process ends, so that no second process of this machine acts on the same.
    _lock: File,
}

/// What is known of a run without being able to act on it.
#[derive(Debug, Clone)]
pub struct Stored {
    /// The plan.
    pub plan: Plan,
    /// Its digest.
    pub digest: Sha256,
    /// Its run, if it was ever started.
    pub run: Option<Run>,
}

/// A plan or its journal that is refused.
#[derive(Debug, Clone)]
pub struct Damaged {
    /// The plan's digest, as the name of its object says.
    pub digest: Sha256,
    /// What is wrong.
    pub why: String,
}

impl State {
    /// Opens the state store, making its folder on first use.
    ///
    /// # Errors
    /// When the store cannot be opened.
    pub fn open(stores: &Stores, url: &StoreUrl, me: Operator, locks: &Path) -> Result<Self, Failure> {
        let store = stores.init(url, Access::WritePrivate).map_err(store_failure)?;
        Ok(Self { store, me, locks: locks.to_owned() })
    }

    /// Where it is.
    pub fn url(&self) -> &StoreUrl {
        self.store.url()
    }

    /// Stores a plan under its digest. Storing it again changes nothing.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn keep(&self, plan: &Plan) -> Result<Sha256, Failure> {
        let bytes = plan
            .to_bytes()
            .map_err(|error| Failure::new(Exit::Failed, format!("the plan cannot be written: {error}")))?;
        let digest = Sha256::of(&bytes);
        let key = StorageKey::Plan(digest).key();
        let created = self.store.create(Target::new(&key), Source::Bytes(&bytes), &mut |_| {});
        created.map(|_| digest).map_err(store_failure)
    }

    /// The plan whose digest begins with `prefix`.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn find(&self, prefix: &str) -> Result<Stored, Failure> {
        let all = self.digests()?;
        let found: Vec<Sha256> = all.into_iter().filter(|digest| digest.to_string().starts_with(prefix)).collect();
        match (found.as_slice(), prefix.len() >= 4) {
            (_, false) => Err(Failure::usage("at least four digits of the plan's digest are needed")),
            ([digest], true) => self.load(*digest),
            ([], true) => Err(Failure::usage(format!("no plan begins with `{prefix}`")).next("trackside runs")),
            (_, true) => {
                Err(Failure::usage(format!("{} plans begin with `{prefix}`", found.len())).next("give more digits"))
            }
        }
    }

    /// All plans with their runs, oldest first. What is damaged is not among them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn all(&self) -> Result<Vec<Stored>, Failure> {
        Ok(self.all_and_damaged()?.0)
    }

    /// All plans with their runs, oldest first, and those that are refused, each with the reason.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn all_and_damaged(&self) -> Result<(Vec<Stored>, Vec<Damaged>), Failure> {
        let (mut all, mut damaged) = (Vec::new(), Vec::new());
        let digests = self.digests()?;
        // What is damaged does not stop the others.
        let loaded = all_together(AT_ONCE, &digests, |digest| Ok::<_, Failure>(self.load(*digest)))?;
        for (digest, loaded) in digests.into_iter().zip(loaded) {
            match loaded {
                Ok(stored) => all.push(stored),
                Err(failure) => damaged.push(Damaged { digest, why: failure.message }),
            }
        }
        all.sort_by_key(|stored| (stored.plan.created, stored.digest));
        Ok((all, damaged))
    }

    fn digests(&self) -> Result<Vec<Sha256>, Failure> {
        let entries = self.store.list(&KeyPrefix::Plans.key()).map_err(store_failure)?;
        let digest = |entry: &Entry| match StorageKey::parse(entry.key.as_str()) {
            Some(StorageKey::Plan(digest)) => Some(digest),
            _ => None,
        };
        Ok(entries.iter().filter_map(digest).collect())
    }

    /// A plan and its run.
    ///
    /// # Errors
    /// When either cannot be read or is not what it claims to be.
    pub fn load(&self, digest: Sha256) -> Result<Stored, Failure> {
        let bytes = self.store.read(&StorageKey::Plan(digest).key(), PLAN_CAP).map_err(store_failure)?;
        let damaged = |why: String| Failure::new(Exit::Failed, format!("plan {} is refused: {why}", digest.short()));
        if Sha256::of(&bytes) != digest {
            return Err(damaged("its bytes do not have its digest".into()));
        }
        let plan: Plan = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if plan.format != PLAN_FORMAT {
            return Err(damaged(format!("it has format {}, this program knows {PLAN_FORMAT}", plan.format)));
        }
        let (run, _) = self.read_run(&plan, digest)?;
        Ok(Stored { plan, digest, run })
    }

    fn read_run(&self, plan: &Plan, digest: Sha256) -> Result<(Option<Run>, u64), Failure> {
        let records = self.run_log(digest).read_all().map_err(log_failure)?;
        let next = records.len() as u64 + 1;
        let parse = |record: trackside_effects::log::Record| serde_json::from_value::<Event>(record.body);
        let events = records.into_iter().map(parse).collect::<Result<Vec<_>, _>>();
        let damaged = |why: String| {
            Failure::new(Exit::Failed, format!("the journal of run {} is refused: {why}", digest.short()))
        };
        let events = events.map_err(|error| damaged(error.to_string()))?;
        let run = Run::fold(plan, digest, &events).map_err(|error| damaged(error.to_string()))?;
        Ok((run, next))
    }

    fn run_log(&self, digest: Sha256) -> Log {
        Log::open(&self.store, KeyPrefix::Run(digest).key())
    }

    /// Whether an open run is this operator's.
    pub fn is_mine(&self, stored: &Stored) -> bool {
        stored.run.as_ref().is_none_or(|run| run.owner == self.me)
    }

    /// Takes the line or channel for a run and opens its journal, or goes on with it.
    ///
    /// # Errors
    /// Exit 8 when somebody else has it or the run, 3 when another run of ours has it.
    pub fn begin(&self, stored: &Stored, fresh: impl FnOnce() -> Result<(), Failure>) -> Result<Journal, Failure> {
        let scope = stored.plan.command.scope();
        let lock = self.lock(scope)?;
        self.acquire(stored)?;
        let (run, mut next) = self.read_run(&stored.plan, stored.digest)?;
        let mut log = self.run_log(stored.digest);
        let run = match run {
            Some(run) if run.owner != self.me => return Err(self.held(stored.digest, &run.owner)),
            Some(run) => run,
            None => {
                if let Err(failure) = self.refuse_excluded(stored).and_then(|()| fresh()) {
                    // Nothing of this run has happened.
                    self.release(scope, stored.digest)?;
                    return Err(failure);
                }
                let event = self.event(What::Opened { plan: stored.digest });
                append(&mut log, next, &event)?;
                next += 1;
                let folded = Run::fold(&stored.plan, stored.digest, &[event])
                    .map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
                folded.ok_or_else(|| Failure::new(Exit::Failed, "the journal is empty"))?
            }
        };
        Ok(Journal { log, next, me: self.me.clone(), run, _lock: lock })
    }

    /// Takes a run over from another operator.
    ///
    /// # Errors
    /// When the run was never started, or somebody appended in between.
    pub fn take_over(&self, stored: &Stored, reason: &str) -> Result<(), Failure> {
        let (Some(run), next) = self.read_run(&stored.plan, stored.digest)? else {
            return Err(Failure::usage(format!("run {} was never started", stored.digest.short())));
        };
        if run.owner == self.me {
            return Ok(());
        }
        // A process of this machine that is alive is not taken over from: it would be stopped, and we refused.
        let _lock = self.lock(stored.plan.command.scope())?;
        let what = What::TakenOver { from: run.owner, reason: reason.to_owned() };
        append(&mut self.run_log(stored.digest), next, &self.event(what))
    }

    fn held(&self, run: Sha256, owner: &Operator) -> Failure {
        Failure::new(Exit::Held, format!("run {} is held by {owner}", run.short()))
            .next(format!("wait, or: trackside resume {} --take-over REASON", run.short()))
    }

    fn event(&self, what: What) -> Event {
        Event { at: Timestamp::now(), by: self.me.clone(), what }
    }
}

impl Journal {
    /// Appends one event, durably.
    ///
    /// # Errors
    /// Exit 8 when somebody took the run over; exit 1 when the event is illegal here.
    pub fn append(&mut self, what: What) -> Result<(), Failure> {
        let event = Event { at: Timestamp::now(), by: self.me.clone(), what };
        let mut after = self.run.clone();
        after
            .apply(&event)
            .map_err(|why| Failure::new(Exit::Failed, format!("the journal refuses `{}`: {why}", event.what.name())))?;
        append(&mut self.log, self.next, &event)?;
        self.next += 1;
        self.run = after;
        Ok(())
    }

    /// Closes the run.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn close(&mut self, outcome: Outcome) -> Result<(), Failure> {
        self.append(What::Closed { outcome })
    }
}

/// The stop when a run of ours is in the way.
pub fn open_run(other: &Stored) -> Failure {
    let Stored { plan, digest, .. } = other;
    Failure::new(Exit::Blocked, format!("run {} of `{}` is open", digest.short(), plan.command))
        .next(format!("trackside resume {0}, or: trackside withdraw {0} --reason REASON", digest.short()))
}

fn append<T: serde::Serialize>(log: &mut Log, number: u64, event: &T) -> Result<(), Failure> {
    let body = serde_json::to_value(event).map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    log.append(number, body).map(|_| ()).map_err(log_failure)
}

fn store_failure(error: StoreError) -> Failure {
    trackside_effects::Trouble::from(error).into()
}

fn log_failure(error: LogError) -> Failure {
    match error {
        LogError::Taken { number, .. } => {
            Failure::new(Exit::Held, format!("another operator wrote event {number} first"))
                .next("trackside runs shows who has the run now")
        }
        LogError::Store(error) => {
            let mut failure = store_failure(error);
            failure.message = format!("state: {}", failure.message);
            failure
        }
        other => Failure::new(Exit::Failed, format!("state: {}", trackside_effects::with_causes(&other))),
    }
}
