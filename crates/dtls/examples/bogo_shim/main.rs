//! Our end of BoGo, the test runner of BoringSSL: a client or a server that the runner starts for
//! each test, talks to over TCP, and drives through virtual time. `README.md` says how to run it,
//! `config.json` which tests do not apply, and why.
//!
//! Exits with 0 if all went well, with 1 and the reason if the handshake failed, and with 89 if a
//! test asks for something that this crate does not have.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "that is how the runner is told")]

mod flags;
mod shell;

use std::process::ExitCode;

use crate::flags::Flags;
use crate::shell::Shell;

/// The runner counts the test as one that does not apply.
const UNIMPLEMENTED: u8 = 89;

/// Why a test did not go on.
enum Stop {
    /// It asks for something that we do not have.
    Unimplemented(String),
    /// It failed, as it should, or not.
    Failed(String),
}

impl<E: std::error::Error> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.to_string())
    }
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.iter().any(|arg| arg == "-is-handshaker-supported") {
        println!("No");
        return ExitCode::SUCCESS;
    }
    let ran = Flags::parse(&args).and_then(|flags| Shell::new(flags)?.run());
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(Stop::Unimplemented(what)) => {
            eprintln!("not here: {what}");
            ExitCode::from(UNIMPLEMENTED)
        }
        Err(Stop::Failed(why)) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
