//! The command line of trackside.

fn main() -> std::process::ExitCode {
    trackside::main()
}
