//! `trackside doctor`: tries every store of the project, and says which of them does not do what a release needs.

use serde_json::{Value, json};
use trackside_domain::doctor::{Outcome, Trial};
use trackside_domain::manifest::Channel;
use trackside_domain::project::Project;
use trackside_domain::say;
use trackside_domain::store::StoreUrl;
use trackside_effects::doctor::{Readers, Wanted, examine};
use trackside_effects::store::Access;

use crate::cli::Global;
use crate::environment::Environment;
use crate::error::{Exit, Failure};
use crate::reply::{Output, Reply};
use crate::session::{load, release_repository, state_store, trial_name};

/// A store, the words for it, and what it must be apart from.
struct Patient {
    names: Vec<String>,
    store: StoreUrl,
    readers: Readers,
    access: Access,
    apart_from: Vec<StoreUrl>,
}

pub(super) fn run(global: &Global, environment: &Environment, output: Output) -> Result<Reply, Failure> {
    let project = load(&release_repository(global)?)?;
    let patients = patients(&project, &state_store(&project, environment)?);
    output.say(&format!("trying {}, each below `doctor/`", say::count(patients.len(), "store")));
    let stores = environment.stores();
    let trial = trial_name();
    let trials: Result<Vec<Vec<Trial>>, Failure> = std::thread::scope(|scope| {
        let started: Vec<_> = patients
            .iter()
            .enumerate()
            .map(|(number, patient)| {
                let (stores, nonce) = (&stores, format!("{trial}-{number}"));
                scope.spawn(move || {
                    let apart_from: Vec<&StoreUrl> = patient.apart_from.iter().collect();
                    let wanted = Wanted { readers: patient.readers, access: patient.access, apart_from: &apart_from };
                    examine(stores, &patient.store, wanted, &nonce)
                })
            })
            .collect();
        let ended = started.into_iter().map(|thread| match thread.join() {
            Ok(trials) => trials.map_err(|error| Failure::new(Exit::Failed, error.to_string())),
            Err(panic) => std::panic::resume_unwind(panic),
        });
        ended.collect()
    });
    Ok(reply(&patients, &trials?))
}

/// Every store once. A backup and a mirror must be other places than what they are to outlive.
fn patients(project: &Project, state: &StoreUrl) -> Vec<Patient> {
    let mut all: Vec<Patient> = Vec::new();
    let mut add = |name: String, store: &StoreUrl, readers: Readers| {
        let access = if name == "state" { Access::WritePrivate } else { Access::Write };
        let apart_from = match name.as_str() {
            "state" | "test" | "stable" => Vec::new(),
            _ => all.iter().map(|patient| patient.store.clone()).collect(),
        };
        match all.iter_mut().find(|patient| patient.store == *store) {
            Some(patient) => patient.names.push(name),
            None => all.push(Patient { names: vec![name], store: store.clone(), readers, access, apart_from }),
        }
    };
    add("state".to_owned(), state, Readers::OnlyUs);
    for (name, store) in [Channel::Test, Channel::Stable].into_iter().flat_map(|channel| project.stores_with(channel)) {
        add(name, store, Readers::Anybody);
    }
    add("backup".to_owned(), &project.backup, Readers::OnlyUs);
    for (channel, label) in &project.anaconda {
        add(format!("{channel} at anaconda.org"), label, Readers::Anybody);
    }
    all
}

fn reply(patients: &[Patient], trials: &[Vec<Trial>]) -> Reply {
    let pairs = || patients.iter().zip(trials);
    let told = |(patient, trials): (&Patient, &Vec<Trial>)| {
        let lines: String = trials.iter().map(|trial| format!("  {trial}\n")).collect();
        format!("{}: {}\n{lines}", patient.names.join(", "), patient.store)
    };
    let bad =
        trials.iter().flatten().filter(|trial| !matches!(trial.outcome, Outcome::Fine | Outcome::Weak(_))).count();
    let verdict = match bad {
        0 => "all is well".to_owned(),
        _ => format!("{} not well", say::count(bad, "trial")),
    };
    let human: String = pairs().map(told).collect();
    let human = format!("{human}{}: {verdict}\n", say::count(patients.len(), "store"));
    let document = |(patient, trials): (&Patient, &Vec<Trial>)| -> Value {
        let trials: Vec<Value> =
            trials.iter().map(|trial| json!({ "probe": trial.probe, "outcome": trial.outcome })).collect();
        json!({ "names": patient.names, "store": patient.store, "trials": trials })
    };
    let stores: Vec<Value> = pairs().map(document).collect();
    Reply::new("doctor", human, json!({ "stores": stores, "wrong": bad })).ending(ending(trials))
}

/// If trials differ in how they ended, the one that needs a person most decides.
fn ending(trials: &[Vec<Trial>]) -> Exit {
    let worst = trials.iter().flatten().map(|trial| match trial.outcome {
        Outcome::Fine | Outcome::Weak(_) => (0, Exit::Done),
        Outcome::Passing(_) => (1, Exit::Transient),
        Outcome::Wrong(_) => (2, Exit::Blocked),
        Outcome::Failed(_) => (3, Exit::Failed),
    });
    worst.max().map_or(Exit::Done, |(_, exit)| exit)
}
