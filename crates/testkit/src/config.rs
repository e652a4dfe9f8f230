//! What a link does to datagrams, and what it has done.

use core::time::Duration;

/// How good a link is. The default is a perfect wire without delay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkConfig {
    /// One-way propagation delay. Default: none.
    pub delay: Duration,
    /// Evenly distributed extra delay, from zero to this. Order is kept, as in a queue. Default:
    /// none.
    pub jitter: Duration,
    /// Probability that a datagram is lost. Default: 0.
    pub loss: f64,
    /// Datagrams lost in a row on average (Gilbert's model); `loss` stays the part that is lost of
    /// all. While a link with a `rate` is idle, a burst passes. Default: 1, each for itself.
    pub loss_burst: f64,
    /// Probability that a datagram arrives twice. Default: 0.
    pub duplicate: f64,
    /// Probability that later datagrams may overtake one. Default: 0.
    pub reorder: f64,
    /// How much longer than the others such a datagram takes: evenly from zero to this. Default:
    /// 20 ms, some twenty packets at 10 Mbit/s.
    pub reorder_by: Duration,
    /// Probability that one bit of a datagram arrives flipped. Default: 0.
    pub corrupt: f64,
    /// Bits per second of the bottleneck, counting the bytes of the datagrams only. Default: `None`,
    /// without limit.
    pub rate: Option<u64>,
    /// Bytes that may wait in front of the bottleneck, the datagram in transmission included; one
    /// that would exceed them is dropped. Without effect unless `rate` is set. Default: `None`,
    /// without limit.
    pub queue: Option<usize>,
    /// Bytes of the largest datagram that passes; larger ones vanish. Default: `None`, any size.
    pub mtu: Option<usize>,
}

impl LinkConfig {
    /// A link that delays by `delay` and is perfect otherwise.
    pub fn delayed(delay: Duration) -> Self {
        Self { delay, ..Self::default() }
    }
}

impl Default for LinkConfig {
    fn default() -> Self {
        Self {
            delay: Duration::ZERO,
            jitter: Duration::ZERO,
            loss: 0.0,
            loss_burst: 1.0,
            duplicate: 0.0,
            reorder: 0.0,
            reorder_by: Duration::from_millis(20),
            corrupt: 0.0,
            rate: None,
            queue: None,
            mtu: None,
        }
    }
}

/// What a link did so far. `sent` is the sum of `lost`, `overflowed`, `too_large`, and of what
/// was delivered or still flies, less `duplicated`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkCounters {
    /// Datagrams that went in.
    pub sent: u64,
    /// Their bytes.
    pub sent_bytes: u64,
    /// Datagrams that came out.
    pub delivered: u64,
    /// Their bytes.
    pub delivered_bytes: u64,
    /// Lost by chance or by a filter.
    pub lost: u64,
    /// Dropped because the queue was full.
    pub overflowed: u64,
    /// Dropped because they exceeded the MTU.
    pub too_large: u64,
    /// Second copies that were made.
    pub duplicated: u64,
    /// Copies with a flipped bit.
    pub corrupted: u64,
    /// Copies that others were allowed to overtake.
    pub reordered: u64,
}

/// Why a datagram will not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Dropped {
    /// By chance, or by a filter.
    #[error("lost")]
    Lost,
    /// No room in front of the bottleneck.
    #[error("dropped: {waiting} bytes wait already")]
    QueueFull {
        /// Bytes in the queue.
        waiting: usize,
    },
    /// Larger than the link's MTU.
    #[error("dropped: {len} bytes exceed the MTU of {mtu}")]
    TooLarge {
        /// Bytes of the datagram.
        len: usize,
        /// Bytes that would have passed.
        mtu: usize,
    },
    /// Nobody has the address, or the sender has not the one that it sends from.
    #[error("no route")]
    NoRoute,
    /// A NAT has no mapping for it.
    #[error("no mapping")]
    NoMapping,
    /// A filter does not let it pass.
    #[error("filtered")]
    Filtered,
    /// A NAT does not turn round what comes from inside.
    #[error("no hairpin")]
    NoHairpin,
}
