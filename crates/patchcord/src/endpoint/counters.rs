//! What an endpoint has seen.

use std::sync::atomic::{AtomicU64, Ordering};

/// What an endpoint did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndpointStats {
    /// Datagrams that arrived.
    pub received: u64,
    /// Their bytes.
    pub bytes_received: u64,
    /// Datagrams of those that belonged to no connection.
    pub strangers: u64,
    /// Datagrams handed to the system.
    pub sent: u64,
    /// Their bytes.
    pub bytes_sent: u64,
    /// System calls that sent them: fewer, where the system segments.
    pub sends: u64,
    /// Datagrams that the system refused, that a full stream had no room for, or that no socket was
    /// left for.
    pub lost: u64,
    /// Connections that have [panicked](crate::CloseReason::Panicked).
    pub panicked: u64,
}

/// Written by the driver, read by handles.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) received: Counter,
    pub(super) bytes_received: Counter,
    pub(super) strangers: Counter,
    pub(super) sent: Counter,
    pub(super) bytes_sent: Counter,
    pub(super) sends: Counter,
    pub(super) lost: Counter,
    pub(super) panicked: Counter,
}

#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self, n: usize) {
        self.0.fetch_add(n as u64, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Counters {
    pub(super) fn read(&self) -> EndpointStats {
        EndpointStats {
            received: self.received.read(),
            bytes_received: self.bytes_received.read(),
            strangers: self.strangers.read(),
            sent: self.sent.read(),
            bytes_sent: self.bytes_sent.read(),
            sends: self.sends.read(),
            lost: self.lost.read(),
            panicked: self.panicked.read(),
        }
    }
}
