//! The engine: RTP out and in, and the RTCP about it, for all media sections of a connection.

use std::collections::BTreeMap;

use rtp::Ssrc;
use sansio::{Instant, Rng};

use super::{LocalSource, MediaKind, Parameters, TransceiverId};

#[derive(Debug)]
pub(crate) struct Media {
    cname: String,
    sources: BTreeMap<TransceiverId, LocalSource>,
}

impl Media {
    pub(crate) fn new(rng: &mut dyn Rng) -> Self {
        // RFC 7022 §4.2: 96 random bits.
        let cname = format!("{:016x}{:08x}", rng.next_u64(), rng.next_u32());
        Self { cname, sources: BTreeMap::new() }
    }

    /// A transceiver was made: its stream gets its numbers, which `a=ssrc` announces.
    pub(crate) fn add(&mut self, id: TransceiverId, _kind: MediaKind, rng: &mut dyn Rng) {
        let source = LocalSource { ssrc: Ssrc(rng.next_u32()), rtx: Ssrc(rng.next_u32()) };
        self.sources.insert(id, source);
    }

    /// What was agreed about a transceiver's section, in this negotiation or a later one.
    pub(crate) fn configure(&mut self, _now: Instant, _id: TransceiverId, _agreed: Parameters) {}

    /// The transceiver was stopped, or its section was rejected: no more packets either way.
    pub(crate) fn stop(&mut self, _now: Instant, id: TransceiverId) {
        self.sources.remove(&id);
    }

    /// The numbers of a transceiver's stream.
    pub(crate) fn local_source(&self, id: TransceiverId) -> Option<LocalSource> {
        self.sources.get(&id).copied()
    }

    /// Our canonical name, the same for all our streams (RFC 3550 §6.5.1, RFC 7022).
    pub(crate) fn cname(&self) -> &str {
        &self.cname
    }
}
