//! What stands between two networks.

use sansio::Instant;

use super::packet::Header;
use super::{Firewall, Nat};
use crate::Dropped;

/// A router: the way up leads to the rest of the internet.
#[derive(Debug)]
pub(super) enum Router {
    Plain,
    Nat(Nat),
    Firewall(Firewall),
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug)]
pub(super) enum Passage {
    /// To the outside.
    Up(Header),
    /// To the inside.
    Down(Header),
    Dropped(Dropped),
}

impl Router {
    /// From inside, for nobody inside.
    pub(super) fn outbound(&mut self, now: Instant, header: Header) -> Passage {
        match self {
            Self::Plain => Passage::Up(header),
            Self::Nat(nat) => nat.outbound(now, header),
            Self::Firewall(firewall) => firewall.outbound(now, header),
        }
    }

    /// From outside.
    pub(super) fn inbound(&mut self, now: Instant, header: Header) -> Passage {
        match self {
            Self::Plain => Passage::Down(header),
            Self::Nat(nat) => nat.inbound(now, header),
            Self::Firewall(firewall) => firewall.inbound(now, header),
        }
    }
}
