//! `echo`: a page to open in a browser, and a server that sends back whatever arrives through
//! WebRTC: messages, sound, pictures; `echo call URL` is the same conversation without a browser.

mod api;
mod args;
mod call;
mod candidates;
mod media;
mod page;
mod peers;
mod reach;
mod report;
mod server;
mod session;
mod tls;
mod traffic;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;
use tokio::runtime::Runtime;

use crate::{
    args::{Args, Command},
    report::Report,
};

fn main() -> ExitCode {
    let args = Args::parse();
    report::log_to_stderr(args.verbose);
    let report = Report::default();
    let outcome = Runtime::new().context("starting").and_then(|runtime| {
        let outcome = runtime.block_on(run(&args, &report));
        // The system may go on looking for a name long after nobody wants it.
        runtime.shutdown_background();
        outcome
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report.failure(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args, report: &Report) -> anyhow::Result<()> {
    match &args.command {
        Some(Command::Call(call)) => call::run(call, report).await,
        None => server::run(args, report.clone()).await,
    }
}
