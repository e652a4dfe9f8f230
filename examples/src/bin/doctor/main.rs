//! `doctor`: tells a person, or with `--json` a program, what their network does to calls.
//!
//! | file | what |
//! |---|---|
//! | `args` | what the command line can say |
//! | `examine` | all probes at once, each with its end |
//! | `probes` | a file for each thing that is looked at |
//! | `approach` | how a server is reached |
//! | `nat64` | IPv4 by way of IPv6 |
//! | `binding` | Binding requests over one socket |
//! | `allocation`, `wire` | one allocation on a TURN server, and what carries its datagrams |
//! | `verdict` | a table of findings, and what they mean for calls |
//! | `report` | what is found out, as `--json` prints it |
//! | `words` | the same for a person |

// The package has it under its published name, for the examples of the README.
extern crate patchcord_sansio as sansio;

mod allocation;
mod approach;
mod args;
mod binding;
mod examine;
mod nat64;
mod probes;
mod report;
mod verdict;
mod wire;
mod words;

use std::{
    io::{IsTerminal, Write},
    path::Path,
    process::ExitCode,
};

use anyhow::Context;
use clap::Parser;
use patchcord::stream::Trust;
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio::runtime::Runtime;

use crate::{args::Args, report::Report};

fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = Runtime::new().context("starting").and_then(|runtime| {
        let outcome = runtime.block_on(run(&args));
        // The system may go on looking for a name long after we gave it up.
        runtime.shutdown_background();
        outcome
    });
    match outcome {
        Ok(report) => ExitCode::from(report.exit_code()),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "doctor: {error:#}");
            ExitCode::from(2)
        }
    }
}

async fn run(args: &Args) -> anyhow::Result<Report> {
    let plan = args.plan()?;
    let trust = args.ca.as_deref().map(trust).transpose()?;
    if std::io::stderr().is_terminal() {
        let most = (plan.timeout + plan.lifetime.unwrap_or_default()).as_secs();
        let _ = writeln!(std::io::stderr(), "Looking; this takes {most} s at most.");
    }
    let report = examine::examine(&plan, trust).await?;
    let words = if args.json {
        serde_json::to_string_pretty(&report).context("writing JSON")? + "\n"
    } else {
        words::tell(&report)
    };
    // A reader that went away has heard enough.
    let _ = std::io::stdout().write_all(words.as_bytes());
    Ok(report)
}

/// Trusts whoever has a certificate of this file, or one signed by it.
fn trust(file: &Path) -> anyhow::Result<Trust> {
    let reading = || format!("reading {}", file.display());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).with_context(reading)? {
        roots.add(certificate.with_context(reading)?).with_context(reading)?;
    }
    Ok(Trust::in_roots(roots)?)
}
