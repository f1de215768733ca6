//! The leases: who may act on a line or a channel, on this machine and on all others.

use std::collections::BTreeSet;
use std::fs::File;

use jiff::Timestamp;
use rustix::fs::{FlockOperation, flock};
use trackside_domain::digest::Sha256;
use trackside_domain::journal::{LeaseChange, LeaseEvent, holder};
use trackside_domain::plan::Scope;
use trackside_domain::storage_key::KeyPrefix;
use trackside_effects::log::Log;

use super::{State, Stored, append, log_failure, open_run, store_failure};
use crate::error::{Exit, Failure};

impl State {
    /// The open run that holds a line or channel, if there is one. A lease that a dead process could not give
    /// back, because its run was closed already, counts as given back.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn open_run(&self, scope: Scope) -> Result<Option<Stored>, Failure> {
        let (leases, _) = self.leases(scope)?;
        let held =
            holder(&leases).map_err(|error| Failure::new(Exit::Failed, format!("the leases of {scope}: {error}")))?;
        let Some(lease) = held else { return Ok(None) };
        let stored = self.load(lease.run)?;
        Ok(Some(stored).filter(|stored| stored.run.as_ref().is_none_or(|run| run.outcome.is_none())))
    }

    fn leases(&self, scope: Scope) -> Result<(Vec<LeaseEvent>, u64), Failure> {
        let records = self.lease_log(scope).read_all().map_err(log_failure)?;
        let next = records.len() as u64 + 1;
        let events = records.into_iter().map(|record| serde_json::from_value(record.body)).collect::<Result<_, _>>();
        let events = events.map_err(|error| Failure::new(Exit::Failed, format!("the leases of {scope}: {error}")))?;
        Ok((events, next))
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
        for scope in scopes.into_iter().filter(|scope| *scope != command.scope()) {
            let Some(other) = self.open_run(scope)?.filter(|other| command.excludes(&other.plan.command)) else {
                continue;
            };
            return Err(match &other.run {
                Some(run) if run.owner != self.me => self.held(other.digest, &run.owner),
                Some(_) | None => open_run(&other),
            });
        }
        Ok(())
    }

    pub(super) fn acquire(&self, scope: Scope, run: Sha256) -> Result<(), Failure> {
        let (events, mut next) = self.leases(scope)?;
        let mut log = self.lease_log(scope);
        let held = holder(&events).map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
        if let Some(lease) = held.filter(|lease| lease.run != run) {
            let other = self.load(lease.run)?;
            match &other.run {
                Some(over) if over.outcome.is_some() => {
                    append(&mut log, next, &self.lease(lease.run, LeaseChange::Released))?;
                    next += 1;
                }
                Some(open) if open.owner != self.me => return Err(self.held(lease.run, &open.owner)),
                None if lease.by != self.me => return Err(self.held(lease.run, &lease.by)),
                Some(_) | None => return Err(open_run(&other)),
            }
        } else if held.is_some() {
            return Ok(());
        }
        append(&mut log, next, &self.lease(run, LeaseChange::Acquired))
    }

    /// Gives a line or channel back after a run was closed.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn release(&self, scope: Scope, run: Sha256) -> Result<(), Failure> {
        let (events, next) = self.leases(scope)?;
        match holder(&events).map_err(|error| Failure::new(Exit::Failed, error.to_string()))? {
            Some(lease) if lease.run == run => {
                append(&mut self.lease_log(scope), next, &self.lease(run, LeaseChange::Released))
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
        let (events, _) = self.leases(scope)?;
        let held = holder(&events).map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
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

    fn lease(&self, run: Sha256, what: LeaseChange) -> LeaseEvent {
        LeaseEvent { at: Timestamp::now(), by: self.me.clone(), run, what }
    }
}
