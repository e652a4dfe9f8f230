//! The end of a connection, by us or by the other side.

use sansio::Instant;

use super::machine::PeerConnection;
use crate::state::SignalingState;

/// Why a connection is over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// `close` was called.
    Local,
    /// The other side closed DTLS, or it failed: the reason says how.
    Dtls(dtls::CloseReason),
}

impl core::fmt::Display for CloseReason {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Local => f.write_str("closed by this side"),
            Self::Dtls(reason) => reason.fmt(f),
        }
    }
}

impl PeerConnection {
    /// Ends the connection (W3C webrtc-pc §4.4.1.6). The states change at once. The next drains of
    /// `poll_transmit` hand out the farewell: SCTP's ABORT and DTLS's `close_notify`.
    pub fn close(&mut self, now: Instant) {
        self.finish(now, CloseReason::Local);
        self.settle(now);
    }

    /// Why the connection is over, if it is.
    pub fn close_reason(&self) -> Option<&CloseReason> {
        self.end.as_ref()
    }

    /// Ends the connection without looking at it, for a shell that has caught a panic of one of its
    /// methods: it becomes a new one that is closed. The other side is told nothing; channels and
    /// transceivers are gone, and so are events that nobody has asked for.
    pub fn abandon(&mut self, now: Instant) {
        *self = Self::new(self.config.clone(), self.rng.fork());
        self.close(now);
    }

    pub(super) fn finish(&mut self, now: Instant, reason: CloseReason) {
        if self.end.is_some() {
            return;
        }
        self.data.abort(now);
        for transport in &mut self.transports {
            transport.close(now);
        }
        self.negotiation.state = SignalingState::Closed;
        self.end = Some(reason);
    }
}
