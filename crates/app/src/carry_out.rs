//! The way of every writing command: go on with an interrupted run, or decide, store the plan, and
//! perform it if that was asked for.

use serde_json::json;
use trackside_domain::plan::{Command, Decision, Making, Plan};
use trackside_domain::say::{self, Detail};

use crate::cli::Apply;
use crate::drive::{Driver, Made};
use crate::error::{Exit, Failure};
use crate::reply::Reply;
use crate::session::{Session, today};
use crate::state::{Stored, open_run};
use crate::watch::Watcher;

/// What was asked for: a command, and the options that the command as data does not have.
#[derive(Debug)]
pub struct Asked {
    command: Command,
    options: Vec<String>,
}

impl From<Command> for Asked {
    fn from(command: Command) -> Self {
        Self { command, options: Vec::new() }
    }
}

impl Asked {
    /// The same with this option, if it was given.
    pub fn with(mut self, option: &str, value: Option<String>) -> Self {
        self.options.extend(value.into_iter().flat_map(|value| [option.to_owned(), value]));
        self
    }
}

/// Carries out one command. `decide` is called only if no run of the same command is open.
///
/// # Errors
/// What stops it.
pub fn carry_out(
    session: &Session,
    apply: Apply,
    asked: impl Into<Asked>,
    decide: impl FnOnce() -> Result<Decision, Failure>,
) -> Result<Reply, Failure> {
    let Asked { command, options } = asked.into();
    let apply = apply.apply || session.environment.applies()?;
    if apply && let Some(finished) = go_on(session, &command)? {
        return Ok(finished);
    }
    match decide()? {
        Decision::Refused(stops) => Err(Failure::refused(stops)),
        Decision::NothingToDo(notes) => {
            let human =
                format!("nothing to do\n{}", notes.iter().map(|note| format!("  {note}\n")).collect::<String>());
            Ok(Reply::new("nothing", human, json!({ "command": command.to_string(), "notes": notes })))
        }
        Decision::Draft(draft) => {
            let tool = concat!("trackside ", env!("CARGO_PKG_VERSION"));
            let parent = session.state.withdrawn(&command)?;
            let plan = draft
                .heeded(&session.project, session.state.url(), today())
                .seal(Making { tool, now: jiff::Timestamp::now(), options, parent })
                .map_err(|error| Failure::new(Exit::Failed, format!("refused by its own rules: {error}")))?;
            let digest = session.state.keep(&plan)?;
            let stored = Stored { plan, digest, run: None };
            if apply { applied(session, &stored) } else { Ok(planned(session, &stored)) }
        }
    }
}

/// Goes on with an interrupted run of this very command; `None` if there is none.
fn go_on(session: &Session, command: &Command) -> Result<Option<Reply>, Failure> {
    let mut open = session.state.open_run(command.scope())?;
    if let Some(unopened) = open.as_ref().filter(|open| open.run.is_none()) {
        // Nothing of it has happened, and its plan may be stale by now: a new one is made.
        session.state.give_back_unopened(unopened)?;
        open = session.state.open_run(command.scope())?;
    }
    let Some(open) = open else { return Ok(None) };
    let mine = session.state.is_mine(&open);
    if open.plan.command != *command {
        // A run of somebody else is for the journal to refuse, with the name of who holds it.
        return if mine { Err(open_run(&open)) } else { Ok(None) };
    }
    let short = open.digest.short();
    if mine {
        session.output.say(&format!("going on with run {short} of `{command}`"));
    }
    perform(session, &open, Made::Before)?;
    let human = format!("finished run {short} of `{command}`; run it again to see whether more is due");
    let json = json!({ "digest": open.digest, "state": "done", "resumed": true });
    Ok(Some(Reply::new("run", human, json)))
}

/// How much of a plan the options ask for.
pub fn detail(session: &Session) -> Detail {
    if session.global.verbose { Detail::Full } else { Detail::Short }
}

fn planned(session: &Session, stored: &Stored) -> Reply {
    let Stored { plan, digest, .. } = stored;
    let short = digest.short();
    let next = format!("trackside apply {short}");
    let human = format!(
        "{}      nothing was changed; in full: trackside show {short}; perform it: {next}\n",
        say::plan(plan, digest, detail(session))
    );
    Reply::new("plan", human, json!({ "digest": digest, "plan": plan, "next": next }))
}

fn applied(session: &Session, stored: &Stored) -> Result<Reply, Failure> {
    let Stored { plan, digest, .. } = stored;
    session.output.say(say::plan(plan, digest, detail(session)).trim_end());
    perform(session, stored, Made::Now)?;
    let json = json!({ "digest": digest, "state": "done", "steps": plan.steps.len(), "effects": effects(plan) });
    let human = format!(
        "done: {}, {}, run {}",
        say::count(plan.steps.len(), "step"),
        say::count(effects(plan), "effect"),
        digest.short()
    );
    Ok(Reply::new("run", human, json))
}

fn effects(plan: &Plan) -> usize {
    plan.effects().filter(|(_, _, action)| action.writes()).count()
}

/// Performs a stored plan, or goes on with its run.
///
/// # Errors
/// Why it stopped.
pub fn perform(session: &Session, stored: &Stored, made: Made) -> Result<(), Failure> {
    session.stop_between_effects()?;
    let die_at = session.global.die_at.as_deref().map(str::parse).transpose().map_err(Failure::usage)?;
    let watch = Watcher::new(session.output, session.global.quiet, die_at);
    let (state, performer, interrupted) = (&session.state, &session.performer, &*session.interrupted);
    Driver { state, performer, project: &session.project, watch: &watch, interrupted }.drive(stored, made)
}
