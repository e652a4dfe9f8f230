//! A record of the datagrams of a run, for ladder tests and captures.

use core::fmt::{self, Write as _};
use core::net::SocketAddr;
use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;

use sansio::Instant;

use crate::{Direction, Dropped, pcap};

/// One datagram as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it was sent.
    pub time: Instant,
    /// Which way.
    pub direction: Direction,
    /// Whence and whither.
    pub addresses: (SocketAddr, SocketAddr),
    /// Why it never arrived; `None` if it did or will.
    pub dropped: Option<Dropped>,
    /// Its bytes, before the link corrupted any.
    pub data: Box<[u8]>,
}

/// The datagrams of a run, oldest first.
///
/// When a test panics, dropping the trace writes a capture (see [`Trace::write_pcap`]) and prints
/// its path with the seed of the run.
#[derive(Debug)]
pub struct Trace {
    /// Bytes of datagrams to remember; the oldest are forgotten beyond. 0: no trace at all.
    /// Default: 16 MiB.
    pub capacity: usize,
    /// The seed of the run.
    pub seed: u64,
    entries: VecDeque<Entry>,
    held: usize,
    forgotten: usize,
}

impl Trace {
    pub(crate) fn new(seed: u64) -> Self {
        Self { capacity: 16 << 20, seed, entries: VecDeque::new(), held: 0, forgotten: 0 }
    }

    /// Forgets everything so far.
    pub fn clear(&mut self) {
        self.forgotten += self.entries.len();
        self.entries.clear();
        self.held = 0;
    }

    pub(crate) fn record(
        &mut self,
        time: Instant,
        direction: Direction,
        addresses: (SocketAddr, SocketAddr),
        data: &[u8],
    ) {
        if self.capacity == 0 {
            return;
        }
        self.held += data.len();
        self.entries.push_back(Entry {
            time,
            direction,
            addresses,
            dropped: None,
            data: data.into(),
        });
        while self.held > self.capacity
            && let Some(oldest) = self.entries.pop_front()
        {
            self.held -= oldest.data.len();
            self.forgotten += 1;
        }
    }

    /// Notes that the newest datagram will not arrive.
    pub(crate) fn dropped(&mut self, why: Dropped) {
        if let Some(entry) = self.entries.back_mut() {
            entry.dropped = Some(why);
        }
    }

    /// The datagrams that are remembered.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &Entry> + DoubleEndedIterator {
        self.entries.iter()
    }

    /// How many datagrams were forgotten because of `capacity` or [`clear`](Self::clear).
    pub fn forgotten(&self) -> usize {
        self.forgotten
    }

    /// The run as a ladder, a line a datagram, to compare with a literal:
    ///
    /// ```text
    /// 0.000000 a -> b INIT
    /// 0.050000 a <- b INIT-ACK (lost)
    /// ```
    ///
    /// `name` says what a datagram is.
    pub fn ladder(&self, mut name: impl FnMut(&[u8]) -> String) -> String {
        self.entries.iter().fold(String::new(), |mut out, entry| {
            let name = name(&entry.data);
            let _infallible = match entry.dropped {
                None => writeln!(out, "{} {} {name}", entry.time, entry.direction),
                Some(why) => writeln!(out, "{} {} {name} ({why})", entry.time, entry.direction),
            };
            out
        })
    }

    /// Writes what is remembered as a capture file for Wireshark and returns its path:
    /// `target/pcap/NAME.pcap`, or the system's folder for temporary files when there is no
    /// `target`. A file of the same name is replaced.
    ///
    /// # Errors
    ///
    /// Those of the file system.
    pub fn write_pcap(&self, name: &str) -> io::Result<PathBuf> {
        let folder = pcap::folder();
        std::fs::create_dir_all(&folder)?;
        let file: String =
            name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let path = folder.join(file + ".pcap");
        std::fs::write(&path, pcap::capture(&self.entries))?;
        Ok(path)
    }
}

impl fmt::Display for Trace {
    /// A ladder of lengths.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.ladder(|data| format!("{} bytes", data.len())))
    }
}

impl Drop for Trace {
    #[expect(clippy::print_stderr, reason = "tells whoever reads a failed test where to look")]
    fn drop(&mut self) {
        if !std::thread::panicking() || self.entries.is_empty() {
            return;
        }
        let thread = std::thread::current();
        let name = thread.name().unwrap_or("run");
        match self.write_pcap(name) {
            Ok(path) => eprintln!("seed {}, capture in {}", self.seed, path.display()),
            Err(error) => eprintln!("seed {}, no capture: {error}", self.seed),
        }
    }
}
