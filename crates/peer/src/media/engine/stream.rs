//! One stream of the other side.

use rtp::reception::Reception;
use rtp::repair::Missing;
use rtp::{Extender, Ssrc};
use sansio::Instant;

use crate::stats::InboundRtp;

#[derive(Debug)]
pub(super) struct Stream {
    pub(super) ssrc: Ssrc,
    /// Index of its section.
    pub(super) section: usize,
    /// It was announced in the description.
    pub(super) announced: bool,
    pub(super) role: Role,
    /// The encoding's name (RFC 8851), where it has one.
    pub(super) rid: Option<Box<str>>,
    pub(super) extender: Extender,
    /// From its first packet on.
    pub(super) reception: Option<Reception>,
    pub(super) missing: Option<Missing>,
    pub(super) last_received: Instant,
    /// Number of the next `FIR` (RFC 5104 §4.3.1.1).
    pub(super) fir: u8,
    pub(super) counters: InboundRtp,
}

/// What a stream carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Media.
    Media,
    /// Retransmissions of the stream with this SSRC; `None`: of the section's only one.
    Repair(Option<Ssrc>),
}

impl Stream {
    pub(super) fn new(ssrc: Ssrc, section: usize, role: Role) -> Self {
        Self {
            ssrc,
            section,
            announced: false,
            role,
            rid: None,
            extender: Extender::default(),
            reception: None,
            missing: None,
            last_received: Instant::ZERO,
            fir: 0,
            counters: InboundRtp::default(),
        }
    }
}
