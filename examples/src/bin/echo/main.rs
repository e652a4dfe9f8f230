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

use clap::Parser;

use crate::{
    args::{Args, Command},
    report::Report,
};

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    report::log_to_stderr(args.verbose);
    let report = Report::default();
    let outcome = match &args.command {
        Some(Command::Call(call)) => call::run(call, &report).await,
        None => server::run(&args, report.clone()).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report.failure(&error);
            ExitCode::FAILURE
        }
    }
}
