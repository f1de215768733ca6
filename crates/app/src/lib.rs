//! The parts of the program; `main.rs` only calls [`main`].

mod carry_out;
mod cli;
mod commands;
mod drive;
mod environment;
mod error;
mod rehearse;
mod reply;
pub mod serve;
mod session;
mod state;
mod watch;

use std::process::ExitCode;

use clap::Parser as _;

use crate::environment::Environment;
use crate::reply::{Output, conclude};

/// Runs the program: the command line in, an exit code out.
pub fn main() -> ExitCode {
    if let Some(code) = answer_git() {
        return code;
    }
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers; everything else is a usage error, exit code 2.
            let shown = error.print();
            return if error.use_stderr() || shown.is_err() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let output = Output::new(&cli.global);
    let exit = conclude(output, commands::run(cli, &Environment::of_process(), output));
    ExitCode::from(exit as u8)
}

/// git asks for a user name or password by starting this very program.
fn answer_git() -> Option<ExitCode> {
    let environment = Environment::of_process();
    environment.get(trackside_effects::git::ASKPASS)?;
    let prompt = std::env::args().nth(1)?;
    let answer = trackside_effects::git::answer_askpass(&prompt, |name| environment.get(name).map(str::to_owned));
    Some(match answer {
        Some(answer) => {
            use std::io::Write as _;
            let written = writeln!(std::io::stdout(), "{answer}");
            if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        None => ExitCode::FAILURE,
    })
}
