//! The parts of the program; `main.rs` only calls [`main`].

mod carry_out;
mod cli;
mod commands;
mod drive;
mod environment;
mod error;
mod meter;
mod rehearse;
mod reply;
pub mod serve;
mod session;
mod state;
mod watch;

use std::process::ExitCode;

use clap::Parser as _;

use crate::environment::Environment;
use crate::error::Failure;
use crate::reply::{Output, conclude};

/// Runs the program: the command line in, an exit code out.
pub fn main() -> ExitCode {
    if let Some(code) = answer_git() {
        return code;
    }
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            return explain(&error);
        }
    };
    let output = Output::new(&cli.global);
    let exit = conclude(output, commands::run(cli, &Environment::of_process(), output));
    ExitCode::from(exit as u8)
}

/// Help and version are answers; everything else is a usage error, as a document if one was asked for.
fn explain(error: &clap::Error) -> ExitCode {
    let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let json = words.iter().any(|word| word == "--format=json")
        || words.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json");
    if error.use_stderr() && json {
        let failure = Failure::usage(error.to_string().trim_end().trim_start_matches("error: "));
        Output::json().failure(&failure);
        return ExitCode::from(failure.exit as u8);
    }
    match error.print() {
        Ok(()) if !error.use_stderr() => ExitCode::SUCCESS,
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Ok(()) | Err(_) => ExitCode::from(error::Exit::Usage as u8),
    }
}

/// git asks for a user name or password by starting this very program.
fn answer_git() -> Option<ExitCode> {
    let environment = Environment::of_process();
    environment.get(trackside_effects::git::ASKPASS)?;
    let prompt = std::env::args_os().nth(1)?.to_string_lossy().into_owned();
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
