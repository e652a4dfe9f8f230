//! Whole peers: what the workloads `channel`, `connect`, `media`, `fanout` and `memory` ask of
//! each implementation.

pub(super) mod pair;
pub(super) mod patchcord;
#[cfg(feature = "contenders")]
mod rtc;
#[cfg(feature = "contenders")]
mod str0m;

use std::net::SocketAddr;

use bytes::Bytes;
use sansio::Instant;

use super::{channel, connect, fanout, media, memory};
use crate::bench::{Bench, OURS};
use crate::race::Entry;

/// Bytes of payload in an RTP packet.
pub(super) const RTP_PAYLOAD: usize = 1200;
/// How much may wait in a data channel's send buffer.
const SEND_BUFFER: usize = 1 << 20;

/// One peer connection with one host candidate, which its descriptions contain.
pub(super) trait Peer {
    /// A datagram in the form that this implementation likes best, so that none pays for the form
    /// of another.
    type Datagram: AsRef<[u8]>;
    /// Whether it can send and receive video yet.
    const MEDIA: bool = true;

    /// Creates an offer with one data channel and, if `video`, one video track to send.
    fn offer(&mut self, now: Instant, video: bool) -> String;
    fn answer(&mut self, now: Instant, offer: &str) -> String;
    fn accept(&mut self, now: Instant, answer: &str);

    fn input(&mut self, now: Instant, from: SocketAddr, datagram: Self::Datagram);
    fn advance(&mut self, now: Instant);
    fn next_timeout(&mut self) -> Option<Instant>;
    /// Appends the datagrams to send.
    fn output(&mut self, now: Instant, wire: &mut Vec<Self::Datagram>);

    fn channel_open(&self) -> bool;
    /// Queues a message on the data channel; false while its buffer is full.
    fn send(&mut self, now: Instant, message: &Bytes) -> bool;
    /// Bytes of data channel messages received since the last call.
    fn received(&mut self) -> usize;

    fn media_ready(&self) -> bool;
    fn send_rtp(&mut self, now: Instant, seq: u64, payload: &[u8]);
    /// RTP packets received since the last call.
    fn received_rtp(&mut self) -> usize;
}

/// An implementation, and what it does in each workload.
pub(super) struct Contender {
    pub(super) name: &'static str,
    has_media: bool,
    pub(super) connect: Box<dyn Fn() -> Option<connect::Connected>>,
    pub(super) channel: Box<dyn Fn(channel::Task) -> Option<channel::Outcome>>,
    pub(super) media: Box<dyn Fn(usize) -> Option<f64>>,
    pub(super) fanout: Box<dyn Fn(usize) -> Option<f64>>,
    pub(super) memory: Box<dyn Fn(bool) -> Option<f64>>,
}

impl Contender {
    /// `make` makes a peer with a host candidate at an address.
    fn new<P: Peer>(name: &'static str, make: impl Fn(SocketAddr) -> P + Copy + 'static) -> Self {
        Self {
            name,
            has_media: P::MEDIA,
            connect: Box::new(move || connect::measure(make)),
            channel: Box::new(move |task| channel::measure(make, task)),
            media: Box::new(move |packets| media::measure(make, packets)),
            fanout: Box::new(move |packets| fanout::measure(make, packets)),
            memory: Box::new(move |video| memory::measure(make, video)),
        }
    }

    /// An entry that measures with `sample`.
    pub(super) fn entry<'c>(&'c self, sample: impl FnMut() -> Option<f64> + 'c) -> Entry<'c> {
        Entry::new(self.name, sample)
    }

    /// The same for work with media.
    pub(super) fn media_entry<'c>(&'c self, sample: impl FnMut() -> Option<f64> + 'c) -> Entry<'c> {
        if self.has_media { self.entry(sample) } else { Entry::not_yet(self.name) }
    }
}

/// Those that take part.
pub(super) fn contenders(bench: &Bench<'_>) -> Vec<Contender> {
    all().into_iter().filter(|contender| bench.wants(contender.name)).collect()
}

pub(super) fn all() -> Vec<Contender> {
    vec![
        Contender::new(OURS, patchcord::Ours::new),
        #[cfg(feature = "contenders")]
        Contender::new("str0m 0.25 (defaults: DTLS 1.2)", |at| str0m::Str0m::new(at, false)),
        #[cfg(feature = "contenders")]
        Contender::new("str0m 0.25 (DTLS 1.3, SNAP)", |at| str0m::Str0m::new(at, true)),
        #[cfg(feature = "contenders")]
        Contender::new("rtc 0.21 (no interceptors)", |at| rtc::Rtc::new(at, false)),
        #[cfg(feature = "contenders")]
        Contender::new("rtc 0.21 (default interceptors)", |at| rtc::Rtc::new(at, true)),
    ]
}
