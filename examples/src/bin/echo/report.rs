//! Lines for the person at the terminal.

use std::{
    fmt::Display,
    io::Write,
    sync::Arc,
    time::{Duration, Instant},
};

use tracing_subscriber::EnvFilter;

use crate::{
    peers::Peers,
    traffic::{Bytes, Count, Rate},
};

/// Less than this in a second is a page's pulse, not a flow worth a line.
const WORTH_A_LINE: u64 = 4096;

/// Writes to standard output, each line with the seconds since the start.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    started: Arc<Instant>,
}

impl Default for Report {
    fn default() -> Self {
        Self { started: Arc::new(Instant::now()) }
    }
}

impl Report {
    /// Something the reader waits for: no time in front.
    pub(crate) fn say(&self, words: impl Display) {
        // A reader that went away (`echo | head -1`) is no reason to stop serving.
        let _ = writeln!(std::io::stdout().lock(), "{words}");
    }

    /// Something that happened to one peer.
    pub(crate) fn peer(&self, id: u64, words: impl Display) {
        let seconds = self.started.elapsed().as_secs_f64();
        self.say(format_args!("{seconds:9.3}  peer {id:<4} {words}"));
    }

    /// Why the program ends early, on standard error.
    pub(crate) fn failure(&self, error: &anyhow::Error) {
        let _ = writeln!(std::io::stderr().lock(), "echo: {error:#}");
    }

    /// Once a second, a line for each peer that moves something. Never returns.
    pub(crate) async fn rates(self, peers: Peers) {
        let every = Duration::from_secs(1);
        let mut ticks = tokio::time::interval(every);
        let mut before: Vec<(u64, Count)> = Vec::new();
        loop {
            ticks.tick().await;
            let now = peers.traffic();
            for (id, count) in &now {
                let earlier = before.iter().find(|(other, _)| other == id);
                let added = count.since(&earlier.map_or_else(Count::default, |(_, count)| *count));
                if added.bytes_in + added.bytes_out >= WORTH_A_LINE {
                    self.peer(*id, flow(&added, every));
                }
            }
            before = now;
        }
    }
}

/// What `Traffic` of a whole connection amounts to.
pub(crate) fn total(count: &Count) -> String {
    let Count { messages_in, bytes_in, messages_out, bytes_out } = *count;
    format!(
        "{messages_in} messages ({}) in, {messages_out} ({}) out",
        Bytes(bytes_in),
        Bytes(bytes_out)
    )
}

fn flow(added: &Count, time: Duration) -> String {
    format!(
        "{} in, {} out, {} messages/s",
        Rate(added.bytes_in, time),
        Rate(added.bytes_out, time),
        added.messages_in
    )
}

/// Sets up `tracing` for the number of `-v`.
pub(crate) fn log_to_stderr(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
