//! The commands, one file each, under the name that is typed.

use crate::cli::{Cli, Command, Pick};
use crate::environment::Environment;
use crate::error::Failure;
use crate::reply::{Output, Reply};
use crate::session::Session;

mod apply;
mod artifact;
mod candidate;
mod channel;
mod check;
mod completions;
mod cut;
mod doctor;
mod index;
mod init;
mod man;
mod pick;
mod promote;
mod prune;
mod rehearse;
mod restore;
mod resume;
mod runs;
mod schema;
mod serve;
mod show;
mod stage;
mod status;
mod verify;
mod withdraw;

/// Runs the command that was typed.
///
/// # Errors
/// Why it did not do what it was asked for.
pub fn run(cli: Cli, environment: &Environment, output: Output) -> Result<Reply, Failure> {
    let Cli { global, command } = cli;
    let session = || Session::open(&global, environment, output);
    match command {
        Command::Init(args) => init::run(&args),
        Command::Check(args) => check::run(&global, &args),
        Command::Schema => Ok(schema::run()),
        Command::Doctor => doctor::run(&global, environment, output),
        Command::Status(args) => status::run(&session()?, &args),
        Command::Cut(args) => cut::run(&session()?, args),
        Command::Candidate(args) => candidate::run(&session()?, args),
        Command::Pick(Pick::Land(args)) => pick::land(&session()?, args),
        Command::Stage(args) => stage::run(&session()?, &args),
        Command::Verify(args) => verify::run(&session()?, &args),
        Command::Promote(args) => promote::run(&session()?, args),
        Command::Channel(what) => channel::run(&session()?, what),
        Command::Index(what) => index::run(&session()?, what),
        Command::Prune(args) => prune::run(&session()?, &args),
        Command::Restore(args) => restore::run(&session()?, &args),
        Command::Runs => runs::run(&session()?),
        Command::Show(args) => show::run(&session()?, &args),
        Command::Apply(args) => apply::run(&session()?, &args),
        Command::Resume(args) => resume::run(&session()?, &args),
        Command::Withdraw(args) => withdraw::run(&session()?, &args),
        Command::Artifact(what) => artifact::run(&global, output, &what),
        Command::Serve(args) => serve::run(&global, environment, output, &args),
        Command::Rehearse(args) => rehearse::run(&global, environment, output, &args),
        Command::Completions(args) => completions::run(&args),
        Command::Man => man::run(),
    }
}
