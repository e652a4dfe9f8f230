//! Whether ICE, DTLS and SCTP have anything to do. Media packets come and go by the hundred
//! thousand between two of their datagrams, and none of them needs to ask.

use sansio::Instant;

use super::machine::PeerConnection;
use crate::transport::Transport;

/// All that is not media.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Control {
    /// It may have something to send.
    Awake,
    /// It has not, unless a datagram or a command wakes it, or this time comes.
    Asleep { until: Option<Instant> },
}

impl Control {
    pub(super) fn is_awake(self, now: Instant) -> bool {
        match self {
            Self::Awake => true,
            Self::Asleep { until } => until.is_some_and(|at| at <= now),
        }
    }
}

impl PeerConnection {
    /// Something below may have changed.
    pub(crate) fn wake(&mut self) {
        self.control = Control::Awake;
    }

    /// Nothing below had anything to send.
    pub(super) fn fall_asleep(&mut self) {
        self.control = Control::Asleep { until: self.next_control() };
    }

    /// When something below wants to be called.
    pub(super) fn control_timeout(&self) -> Option<Instant> {
        match self.control {
            Control::Asleep { until } => until,
            Control::Awake => self.next_control(),
        }
    }

    fn next_control(&self) -> Option<Instant> {
        let transports = self.transports.iter().filter_map(Transport::poll_timeout);
        transports.chain(self.data.poll_timeout()).min()
    }
}
