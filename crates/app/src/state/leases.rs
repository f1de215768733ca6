//! The leases: who may act on a line or a channel, on this machine and on all others.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::fs::File;

use jiff::Timestamp;
use rustix::fs::{FlockOperation, flock};
use trackside_domain::digest::Sha256;
use trackside_domain::journal::{LeaseChange, LeaseEvent, Outcome, holder};
use trackside_domain::plan::{Command, Scope};
use trackside_domain::storage_key::KeyPrefix;
use trackside_effects::all_together;
use trackside_effects::log::{Log, Record};

use super::{AT_ONCE, State, Stored, append, log_failure, open_run, store_failure};
use crate::error::{Exit, Failure};

impl State {
    /// The open run that holds a line or channel, if there is one. A lease that a dead process could not give
    /// back, because its run was closed already, counts as given back.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn open_run(&self, scope: Scope) -> Result<Option<Stored>, Failure> {
        let Some(lease) = self.held_lease(&mut self.lease_log(scope))?.0 else { return Ok(None) };
        let stored = self.load(lease.run)?;
        Ok(Some(stored).filter(|stored| stored.run.as_ref().is_none_or(|run| run.outcome.is_none())))
    }

    /// The newest run of a command, if it was withdrawn: a new plan of that command repairs it.
    ///
    /// # Errors
    /// When the state cannot be read, or the ledger is not as it can have been written.
    pub fn withdrawn(&self, command: &Command) -> Result<Option<Sha256>, Failure> {
        let mut log = self.lease_log(command.scope());
        let records = log.read_all().map_err(log_failure)?;
        let events = records.into_iter().map(|record| lease_event(&log, record)).collect::<Result<Vec<_>, _>>()?;
        holder(&events).map_err(|error| damaged(&log, error))?;
        let typed = command.to_string();
        let taken = |event: &&LeaseEvent| event.what == LeaseChange::Acquired && event.command == typed;
        for event in events.iter().rev().filter(taken) {
            // What was given back unopened is no run; and one that is damaged stops nobody but who asks for it.
            if let Ok(Stored { run: Some(run), .. }) = self.load(event.run) {
                return Ok(matches!(run.outcome, Some(Outcome::Withdrawn { .. })).then_some(event.run));
            }
        }
        Ok(None)
    }

    /// The lease that was not given back, and the number of the next record: the last one says both.
    fn held_lease(&self, log: &mut Log) -> Result<(Option<LeaseEvent>, u64), Failure> {
        let Some(record) = log.last().map_err(log_failure)? else { return Ok((None, 1)) };
        let next = record.number + 1;
        let lease = lease_event(log, record)?;
        Ok((Some(lease).filter(|lease| lease.what == LeaseChange::Acquired), next))
    }

    fn lease_log(&self, scope: Scope) -> Log {
        Log::open(&self.store, KeyPrefix::Lease(scope).key())
    }

    /// Refuses a run that must not begin beside one that holds something else. Both sides take their own lease first and look
    /// then, so of two that begin at once at least one sees the other.
    pub(super) fn refuse_excluded(&self, stored: &Stored) -> Result<(), Failure> {
        let command = &stored.plan.command;
        let folder = KeyPrefix::Leases.key();
        let words = self.store.list(&folder).map_err(store_failure)?;
        let words = words.iter().filter_map(|entry| entry.key.below(&folder)?.split('/').next().map(str::to_owned));
        let scopes: BTreeSet<Scope> = words.filter_map(|word| Scope::of_word(&word)).collect();
        let others: Vec<Scope> = scopes.into_iter().filter(|scope| *scope != command.scope()).collect();
        let open = all_together(AT_ONCE, &others, |scope| self.open_run(*scope))?;
        match open.into_iter().flatten().find(|other| command.excludes(&other.plan.command)) {
            None => Ok(()),
            Some(other) => Err(match &other.run {
                Some(run) if run.owner != self.me => self.held(other.digest, &run.owner),
                Some(_) | None => open_run(&other),
            }),
        }
    }

    pub(super) fn acquire(&self, stored: &Stored) -> Result<(), Failure> {
        let (run, command) = (stored.digest, stored.plan.command.to_string());
        let mut log = self.lease_log(stored.plan.command.scope());
        let (held, mut next) = self.held_lease(&mut log)?;
        if let Some(lease) = held {
            if lease.run == run {
                return Ok(());
            }
            let other = self.load(lease.run)?;
            match &other.run {
                Some(over) if over.outcome.is_some() => {
                    append(&mut log, next, &self.lease(lease.run, lease.command, LeaseChange::Released))?;
                    next += 1;
                }
                Some(open) if open.owner != self.me => return Err(self.held(lease.run, &open.owner)),
                None if lease.by != self.me => return Err(self.held(lease.run, &lease.by)),
                Some(_) | None => return Err(open_run(&other)),
            }
        }
        append(&mut log, next, &self.lease(run, command, LeaseChange::Acquired))
    }

    /// Gives a line or channel back after a run was closed.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn release(&self, scope: Scope, run: Sha256) -> Result<(), Failure> {
        let mut log = self.lease_log(scope);
        match self.held_lease(&mut log)? {
            (Some(lease), next) if lease.run == run => {
                append(&mut log, next, &self.lease(run, lease.command, LeaseChange::Released))
            }
            _ => Ok(()),
        }
    }

    /// Gives back what a process of ours took for a run which it died before opening. Nothing
    /// of that run has happened, so whoever comes next is free to plan anew.
    ///
    /// # Errors
    /// Exit 8 when that process is alive.
    pub fn give_back_unopened(&self, stored: &Stored) -> Result<(), Failure> {
        let scope = stored.plan.command.scope();
        let _lock = self.lock(scope)?;
        let (held, _) = self.held_lease(&mut self.lease_log(scope))?;
        let ours = held.is_some_and(|lease| lease.run == stored.digest && lease.by == self.me);
        if ours && self.load(stored.digest)?.run.is_none() { self.release(scope, stored.digest) } else { Ok(()) }
    }

    /// One process of this machine at a time acts on a line or a channel: two would be one
    /// operator to the journal.
    pub(super) fn lock(&self, scope: Scope) -> Result<File, Failure> {
        let failed = |error: std::io::Error| Failure::new(Exit::Failed, format!("the lock of {scope}: {error}"));
        std::fs::create_dir_all(&self.locks).map_err(failed)?;
        // Two state stores have two sets of them.
        let name = format!("{}-{}.lock", Sha256::of(self.store.url().as_str().as_bytes()).short(), scope.word());
        let file = File::create(self.locks.join(name)).map_err(failed)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(file),
            Err(rustix::io::Errno::WOULDBLOCK) => {
                Err(Failure::new(Exit::Held, format!("another process of this machine works on {scope}"))
                    .next("wait until it has ended"))
            }
            Err(error) => Err(failed(error.into())),
        }
    }

    fn lease(&self, run: Sha256, command: String, what: LeaseChange) -> LeaseEvent {
        LeaseEvent { at: Timestamp::now(), by: self.me.clone(), run, command, what }
    }
}

fn lease_event(log: &Log, record: Record) -> Result<LeaseEvent, Failure> {
    serde_json::from_value(record.body).map_err(|error| damaged(log, error))
}

fn damaged(log: &Log, why: impl Display) -> Failure {
    Failure::new(Exit::Failed, format!("state: {} is refused: {why}", log.prefix()))
}
