//! Two connections, a wire between them, and signalling that takes as long as the wire.

#![allow(dead_code, clippy::allow_attributes, reason = "each story uses its part")]

use core::time::Duration;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use patchcord_peer::{
    Certificate, ChannelId, Config, DataChannelInit, Event, Message, OfferOptions, PeerConnection,
};
use sansio::Instant;
use testkit::{LinkConfig, Pair, SeededRng};

/// A call from `pair.a`, the offerer, to `pair.b`.
pub(crate) struct Call {
    pub(crate) pair: Pair<PeerConnection, PeerConnection>,
    /// What signalling takes in one direction.
    pub(crate) delay: Duration,
}

/// One certificate for all tests: making keys is slow.
pub(crate) fn certificate() -> Arc<Certificate> {
    static CERTIFICATE: OnceLock<Arc<Certificate>> = OnceLock::new();
    CERTIFICATE.get_or_init(|| Arc::new(Certificate::generate().unwrap())).clone()
}

pub(crate) fn address(n: u8) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, n], 5000))
}

/// A connection with one host candidate.
pub(crate) fn peer(n: u8, seed: u64, config: Config) -> PeerConnection {
    let rng = SeededRng::new(seed * 2 + u64::from(n));
    let mut peer = PeerConnection::new(config, Box::new(rng));
    peer.add_local_candidate(Instant::ZERO, address(n));
    peer.end_of_local_candidates(Instant::ZERO);
    peer
}

impl Call {
    pub(crate) fn new(link: LinkConfig, seed: u64) -> Self {
        Self::with_config(link, seed, Config::new(certificate()))
    }

    pub(crate) fn with_config(link: LinkConfig, seed: u64, config: Config) -> Self {
        let (a, b) = (peer(1, seed, config.clone()), peer(2, seed, config));
        Self { delay: link.delay, pair: Pair::new(a, b, link, seed) }
    }

    /// Offer and answer, from `a` to `b` and back.
    pub(crate) fn signal(&mut self) {
        let Self { pair, delay } = self;
        let offer = pair.a.create_offer(pair.now, OfferOptions::default()).unwrap();
        pair.a.set_local_description(pair.now, Some(offer.clone())).unwrap();
        pair.run_for(*delay);
        pair.b.set_remote_description(pair.now, offer).unwrap();
        let answer = pair.b.create_answer(pair.now).unwrap();
        pair.b.set_local_description(pair.now, Some(answer.clone())).unwrap();
        pair.run_for(*delay);
        pair.a.set_remote_description(pair.now, answer).unwrap();
    }

    /// A channel of `a` that is open at both ends: its ids there.
    pub(crate) fn connect(
        &mut self,
        label: &str,
        init: &DataChannelInit,
    ) -> (ChannelId, ChannelId) {
        let here = self.pair.a.create_data_channel(self.pair.now, label, init).unwrap();
        self.signal();
        let there = self.opened(Duration::from_secs(60));
        (here, there)
    }

    /// Waits until `b` was told of a channel.
    pub(crate) fn opened(&mut self, limit: Duration) -> ChannelId {
        let opened = self.pair.run_until(|p| channel_in(&p.b_events).is_some(), limit);
        let (a, b) = (self.pair.a.close_reason(), self.pair.b.close_reason());
        assert!(opened, "no channel; ended: {a:?}, {b:?}");
        let there = channel_in(&self.pair.b_events).unwrap();
        self.pair.b_events.retain(|event| *event != Event::DataChannel(there));
        there
    }

    /// Drops what was reported so far.
    pub(crate) fn forget_events(&mut self) {
        self.pair.a_events.clear();
        self.pair.b_events.clear();
    }
}

fn channel_in(events: &[Event]) -> Option<ChannelId> {
    events.iter().find_map(|event| match event {
        Event::DataChannel(id) => Some(*id),
        _ => None,
    })
}

/// Bytes that follow from their position, so that a misplaced one is noticed.
pub(crate) fn pattern(len: usize, salt: u8) -> Vec<u8> {
    (0..len).map(|i| (i as u8).wrapping_mul(31) ^ ((i >> 8) as u8) ^ salt).collect()
}

/// Everything that can be read now.
pub(crate) fn read_all(peer: &mut PeerConnection, now: Instant, id: ChannelId) -> Vec<Message> {
    core::iter::from_fn(|| peer.channel_read(now, id)).collect()
}
