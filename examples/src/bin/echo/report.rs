//! Lines for the person at the terminal.

use std::{
    fmt::Display,
    io::Write,
    sync::Arc,
    time::{Duration, Instant},
};

use tracing_subscriber::EnvFilter;

use crate::{
    media::Stream,
    peers::Peers,
    traffic::{Bytes, Count, Rate},
};

/// Less than this in a second is a page's pulse, not a flow worth a line.
const WORTH_A_LINE: u64 = 4096;

/// What [`Peers::traffic`] has of one peer.
type Moment = (u64, Count, Vec<Stream>);

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
        let mut before: Vec<Moment> = Vec::new();
        loop {
            ticks.tick().await;
            let now = peers.traffic();
            for (id, count, streams) in &now {
                let earlier = before.iter().find(|(other, ..)| other == id);
                let added =
                    count.since(&earlier.map_or_else(Count::default, |(_, count, _)| *count));
                let mut parts = Vec::new();
                if added.bytes_in + added.bytes_out >= WORTH_A_LINE {
                    parts.push(flow(&added, every));
                }
                let earlier = earlier.map_or(&[][..], |(.., streams)| streams);
                parts.extend(
                    streams.iter().filter_map(|stream| stream_flow(stream, earlier, every)),
                );
                if !parts.is_empty() {
                    self.peer(*id, parts.join("; "));
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

/// `video VP8 1.2 Mbit/s in, 1.2 Mbit/s out, 140 packets/s, 2 lost`; `None`: nothing moves.
fn stream_flow(stream: &Stream, earlier: &[Stream], time: Duration) -> Option<String> {
    let before = earlier.iter().find(|before| before.id == stream.id).cloned().unwrap_or_default();
    let added = stream.since(&before);
    (added.packets_in + added.packets_out > 0).then(|| {
        format!(
            "{} {} {} in, {} out, {} packets/s, {} lost, {} on the way back",
            added.kind,
            added.codec,
            Rate(added.bytes_in, time),
            Rate(added.bytes_out, time),
            added.packets_in,
            added.lost_in,
            added.lost_out,
        )
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_a_stream_flows() {
        let before = Stream { packets_in: 100, lost_in: 3, ..Stream::default() };
        let now = Stream {
            kind: "video".into(),
            codec: "VP8".into(),
            packets_in: 240,
            bytes_in: 150_000,
            lost_in: 5,
            packets_out: 1,
            bytes_out: 1_000,
            ..Stream::default()
        };
        let second = Duration::from_secs(1);
        assert_eq!(
            stream_flow(&now, &[before], second).unwrap(),
            "video VP8 1.2 Mbit/s in, 8.0 kbit/s out, 140 packets/s, 2 lost, 0 on the way back"
        );
        assert_eq!(stream_flow(&now, std::slice::from_ref(&now), second), None);
    }
}
