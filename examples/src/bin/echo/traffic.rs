//! Counting what flows, and saying how fast.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use serde::Serialize;

/// Payload of one peer's channels. What comes in goes out again, but later.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    messages_in: AtomicU64,
    bytes_in: AtomicU64,
    messages_out: AtomicU64,
    bytes_out: AtomicU64,
}

/// The counters at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Count {
    pub(crate) messages_in: u64,
    pub(crate) bytes_in: u64,
    pub(crate) messages_out: u64,
    pub(crate) bytes_out: u64,
}

impl Traffic {
    pub(crate) fn came_in(&self, bytes: usize) {
        self.messages_in.fetch_add(1, Relaxed);
        self.bytes_in.fetch_add(bytes as u64, Relaxed);
    }

    pub(crate) fn went_out(&self, bytes: usize) {
        self.messages_out.fetch_add(1, Relaxed);
        self.bytes_out.fetch_add(bytes as u64, Relaxed);
    }

    pub(crate) fn count(&self) -> Count {
        Count {
            messages_in: self.messages_in.load(Relaxed),
            bytes_in: self.bytes_in.load(Relaxed),
            messages_out: self.messages_out.load(Relaxed),
            bytes_out: self.bytes_out.load(Relaxed),
        }
    }
}

impl Count {
    /// What was added since `earlier`.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        Self {
            messages_in: self.messages_in.saturating_sub(earlier.messages_in),
            bytes_in: self.bytes_in.saturating_sub(earlier.bytes_in),
            messages_out: self.messages_out.saturating_sub(earlier.messages_out),
            bytes_out: self.bytes_out.saturating_sub(earlier.bytes_out),
        }
    }
}

/// Bytes with a fitting unit: `812 bytes`, `10.0 MB`.
pub(crate) struct Bytes(pub(crate) u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.0 as f64;
        match self.0 {
            0..1000 => write!(f, "{} bytes", self.0),
            1000..1_000_000 => write!(f, "{:.1} kB", bytes / 1e3),
            1_000_000..1_000_000_000 => write!(f, "{:.1} MB", bytes / 1e6),
            _ => write!(f, "{:.2} GB", bytes / 1e9),
        }
    }
}

/// Bytes in a time, as a rate: `12.3 Mbit/s`.
pub(crate) struct Rate(pub(crate) u64, pub(crate) Duration);

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0 as f64 * 8.0 / self.1.as_secs_f64().max(1e-9);
        match bits {
            ..1e3 => write!(f, "{bits:.0} bit/s"),
            ..1e6 => write!(f, "{:.1} kbit/s", bits / 1e3),
            _ => write!(f, "{:.1} Mbit/s", bits / 1e6),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_both_ways_and_what_was_added() {
        let traffic = Traffic::default();
        traffic.came_in(5);
        let before = traffic.count();
        traffic.came_in(7);
        traffic.went_out(5);
        let added = traffic.count().since(&before);
        let expected = Count { messages_in: 1, bytes_in: 7, messages_out: 1, bytes_out: 5 };
        assert_eq!(added, expected);
    }

    #[test]
    fn units_fit() {
        assert_eq!(Bytes(999).to_string(), "999 bytes");
        assert_eq!(Bytes(10_000_000).to_string(), "10.0 MB");
        assert_eq!(Rate(125_000, Duration::from_secs(1)).to_string(), "1.0 Mbit/s");
        assert_eq!(Rate(100, Duration::from_secs(1)).to_string(), "800 bit/s");
    }
}
