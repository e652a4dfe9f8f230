//! `turn-server`: a TURN and STUN server over UDP, TCP and TLS.
//!
//! One thread does it all: a server for more cores is several of them, each with ports of its own.
//!
//! | file | what |
//! |---|---|
//! | `settings` | what the command line and the file can say |
//! | `listeners` | the sockets at which clients are served, and those of RFC 5780 |
//! | `core` | the machine, its sockets, and one batch of datagrams through it |
//! | `udp` | one UDP socket with batches and segmentation |
//! | `relays` | relay sockets come and go |
//! | `fragments` | whether what a socket sends may be fragmented |
//! | `icmp` | ICMP errors that relay sockets have met |
//! | `streams` | clients over TCP and TLS |
//! | `places` | how many of them there may be, and of whom |
//! | `connections` | TCP to and from peers (RFC 6062) |
//! | `carry` | bytes between them and clients |
//! | `tls` | the certificate |
//! | `metrics` | numbers for Prometheus |

// The package has it under its published name, for the examples of the README.
extern crate patchcord_sansio as sansio;

mod carry;
mod connections;
mod core;
#[cfg(target_os = "linux")]
mod fragments;
#[cfg(target_os = "linux")]
mod icmp;
mod listeners;
mod metrics;
mod places;
mod relays;
mod settings;
mod streams;
mod tls;
mod udp;

use std::{io::Write, process::ExitCode, rc::Rc};

use anyhow::Context;
use clap::Parser;
use tokio::{runtime, task::LocalSet};

use crate::{core::Core, listeners::Listeners, settings::Args};

fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "turn-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> anyhow::Result<()> {
    let level = ["warn", "info", "debug", "trace"][usize::from(args.verbose.min(3))];
    let filter = tracing_subscriber::EnvFilter::try_from_default_env();
    let filter = filter.unwrap_or_else(|_| format!("turn_server={level}").into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let settings = args.settings()?;
    let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async move {
        let (listeners, behavior) = Listeners::bind(&settings)?;
        let core = Rc::new(Core::new(&settings, listeners, behavior)?);
        core.listen(&settings).await?;
        tokio::select! {
            done = core.clone().keep_time() => done,
            signal = examples::stop_requested() => signal.context("waiting for a signal"),
        }?;
        say(&format!("stopped: {}", core.summary()));
        Ok(())
    })
}

/// A line for whoever started the program.
fn say(words: &str) {
    let _ = writeln!(std::io::stdout(), "{words}");
}
