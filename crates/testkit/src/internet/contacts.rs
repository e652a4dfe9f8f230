//! Whom the hosts inside have sent to: what a filter remembers, RFC 4787 §5.

use core::net::SocketAddr;
use core::time::Duration;

use sansio::Instant;
use stun::behavior::Dependence;

use super::packet::Protocol;

/// An address and port inside, and who has been sent to from there.
#[derive(Debug, Default)]
pub(super) struct Contacts {
    entries: Vec<Contact>,
}

#[derive(Debug)]
struct Contact {
    inside: (Protocol, SocketAddr),
    remote: SocketAddr,
    until: Instant,
}

impl Contacts {
    /// Something goes from `inside` to `remote`.
    pub(super) fn note(
        &mut self,
        now: Instant,
        inside: (Protocol, SocketAddr),
        remote: SocketAddr,
        lifetime: Duration,
    ) {
        self.entries.retain(|contact| contact.until > now);
        let until = now + lifetime;
        let is_it = |c: &&mut Contact| c.inside == inside && c.remote == remote;
        match self.entries.iter_mut().find(is_it) {
            Some(contact) => contact.until = until,
            None => self.entries.push(Contact { inside, remote, until }),
        }
    }

    /// Whether something may come from `remote`. RFC 4787 §5: it counts whom the address and port
    /// inside has sent to, whichever mapping that went through.
    pub(super) fn admit(
        &self,
        now: Instant,
        inside: (Protocol, SocketAddr),
        remote: SocketAddr,
        filtering: Dependence,
    ) -> bool {
        let of_inside = |c: &&Contact| c.inside == inside && c.until > now;
        self.entries.iter().filter(of_inside).any(|contact| match filtering {
            Dependence::EndpointIndependent => true,
            Dependence::AddressDependent => contact.remote.ip() == remote.ip(),
            Dependence::AddressAndPortDependent => contact.remote == remote,
        })
    }

    pub(super) fn forget(&mut self) {
        self.entries.clear();
    }
}
