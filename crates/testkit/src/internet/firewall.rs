//! Firewalls: addresses stay, not everything passes.

use core::time::Duration;

use sansio::Instant;
use stun::behavior::Dependence;

use super::contacts::Contacts;
use super::packet::{Header, Protocol};
use super::router::Passage;
use crate::Dropped;

/// Which ports of the world may be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ports {
    /// All.
    Any,
    /// These.
    Only(Vec<u16>),
    /// None.
    None,
}

impl Ports {
    fn contain(&self, port: u16) -> bool {
        match self {
            Self::Any => true,
            Self::Only(ports) => ports.contains(&port),
            Self::None => false,
        }
    }
}

/// A router that lets in answers only, from where something was sent to. What it stops vanishes
/// without a word.
#[derive(Debug)]
pub struct Firewall {
    /// Which ports may be reached by UDP.
    pub udp: Ports,
    /// Which ports may be reached by TCP.
    pub tcp: Ports,
    /// How long an exchange is remembered after something has gone out. Default 120 s.
    pub timeout: Duration,
    contacts: Contacts,
}

impl Firewall {
    /// Everything goes out, answers come in.
    pub fn stateful() -> Self {
        Self {
            udp: Ports::Any,
            tcp: Ports::Any,
            timeout: Duration::from_secs(120),
            contacts: Contacts::default(),
        }
    }

    /// TCP only.
    pub fn udp_blocked() -> Self {
        Self { udp: Ports::None, ..Self::stateful() }
    }

    /// What looks like the web only.
    pub fn tcp_443_only() -> Self {
        Self { udp: Ports::None, tcp: Ports::Only(vec![443]), ..Self::stateful() }
    }

    pub(super) fn outbound(&mut self, now: Instant, header: Header) -> Passage {
        let ports = match header.protocol() {
            Protocol::Udp => &self.udp,
            Protocol::Tcp => &self.tcp,
        };
        if !ports.contain(header.destination.port()) {
            return Passage::Dropped(Dropped::Filtered);
        }
        let inside = (header.protocol(), header.source);
        self.contacts.note(now, inside, header.destination, self.timeout);
        Passage::Up(header)
    }

    pub(super) fn inbound(&self, now: Instant, header: Header) -> Passage {
        let inside = (header.protocol(), header.destination);
        let filtering = Dependence::AddressAndPortDependent;
        if self.contacts.admit(now, inside, header.source, filtering) {
            Passage::Down(header)
        } else {
            Passage::Dropped(Dropped::Filtered)
        }
    }
}
