//! Runs Patchcord against real peers: `cargo run -p interop -- chromium`, `-- --list`, `-- all`.
//!
//! Builds and starts `echo`, lets each peer talk to it, prints a row a case, and ends with the
//! rows that did not pass at once and a line `N passed, N failed`. A case with a real peer that
//! fails is run once more; if it passes then, its row says `again`. `openssl` and `gnutls` need no `echo`: they talk to the crate `dtls` alone;
//! `coturn` talks to the crate `turn` and to `turn-server`. `libnice` and `aioice` talk to the
//! crate `ice`. `nat` is a network of its own.

mod agents;
mod cases;
mod driver;
mod handshake;
mod nat;
mod native;
mod python;
mod relay;
mod rows;
mod server;
mod setup;
mod suite;

use std::{io::Write, path::PathBuf, process::ExitCode};

use clap::Parser;

/// Runs Patchcord against real peers.
#[derive(Debug, Parser)]
struct Args {
    /// Peers (chromium, firefox, native, aiortc, gstreamer, openssl, gnutls, coturn, libnice, aioice, nat, all) and parts of the names of cases
    ///
    /// Without a peer: chromium and native. Long cases run when they are named, or with --long.
    words: Vec<String>,

    /// Show the cases, run none
    #[arg(long)]
    list: bool,

    /// More cases, more rounds, more bytes
    #[arg(long)]
    long: bool,

    /// Test this program instead of building `echo`
    #[arg(long, value_name = "PROGRAM")]
    echo: Option<PathBuf>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let chosen = cases::choose(&args.words, args.long || args.list);
    if chosen.is_empty() {
        let _ = writeln!(std::io::stderr(), "interop: no case has such a name; see --list");
        return ExitCode::FAILURE;
    }
    if args.list {
        rows::list(&chosen);
        return ExitCode::SUCCESS;
    }
    match suite::run(&chosen, args.echo, args.long) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "interop: {error:#}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
        let args = Args::parse_from(["interop", "chromium", "reload", "--long"]);
        assert_eq!((args.words.len(), args.long, args.list), (2, true, false));
    }
}
