//! Local candidates, RFC 8445 §5.1.

use core::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use sansio::{Instant, Transport};

use crate::agent::machine::Agent;
use crate::agent::pair::{CandidateId, PairId};
use crate::agent::relays::Relay;
use crate::candidate::{self, is_same, is_usable, local_preference, priority};
use crate::{
    Address, COMPONENT, Candidate, CandidateKind, CandidatePolicy, Event, GatheringState, Role,
    State,
};

/// A local candidate.
#[derive(Debug)]
pub(crate) struct Local {
    pub(crate) id: CandidateId,
    pub(crate) candidate: Candidate,
    /// The address of the socket that it sends from, RFC 8445 §4.
    pub(crate) base: SocketAddr,
    /// Equal for equal foundations.
    pub(crate) foundation: u32,
}

impl Local {
    /// Where it is, also if the other side is told a name.
    pub(crate) fn address(&self) -> SocketAddr {
        self.candidate.socket_addr().unwrap_or(self.base)
    }

    /// What candidates that depend on this host candidate say of it.
    fn related(&self) -> SocketAddr {
        match (&self.candidate.address, self.base) {
            (Address::Ip(_), base) => base,
            // draft-ietf-mmusic-mdns-ice-candidates §3.1.2.2.
            (Address::Name { .. }, SocketAddr::V4(_)) => (Ipv4Addr::UNSPECIFIED, 9).into(),
            (Address::Name { .. }, SocketAddr::V6(_)) => (Ipv6Addr::UNSPECIFIED, 9).into(),
        }
    }

    /// Whether it is the address of a socket of the shell's over this transport.
    pub(super) fn is_host(&self, transport: Transport) -> bool {
        self.candidate.kind == CandidateKind::Host && self.candidate.transport == transport
    }
}

/// Why an address is no local candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocalCandidateError {
    /// Nobody could send to it: no port, not the address of one host, or IPv4 mapped into IPv6
    /// (RFC 8445 §5.1.1.1).
    #[error("{0} is no address of a candidate")]
    Address(SocketAddr),
    /// No host candidate has this base.
    #[error("{0} is no host candidate")]
    Base(SocketAddr),
    /// There are as many as the configuration allows.
    #[error("{0} local candidates already")]
    TooMany(usize),
}

impl Agent {
    /// Takes the address of a socket: a host candidate. Those first added are preferred, and the
    /// families take turns. One that is known already changes nothing.
    ///
    /// # Errors
    ///
    /// The address cannot be a candidate, or there are too many.
    pub fn add_local_candidate(
        &mut self,
        now: Instant,
        address: SocketAddr,
    ) -> Result<(), LocalCandidateError> {
        self.add_host(now, address, None)
    }

    /// The same, but the other side is told `name` in place of the IP address, which it can ask for
    /// by multicast DNS: `….local`, draft-ietf-mmusic-mdns-ice-candidates §3.1. Server-reflexive
    /// candidates of this base do not tell the address either.
    ///
    /// # Errors
    ///
    /// The address cannot be a candidate, or there are too many.
    pub fn add_hidden_candidate(
        &mut self,
        now: Instant,
        address: SocketAddr,
        name: &str,
    ) -> Result<(), LocalCandidateError> {
        self.add_host(now, address, Some(name))
    }

    fn add_host(
        &mut self,
        now: Instant,
        address: SocketAddr,
        name: Option<&str>,
    ) -> Result<(), LocalCandidateError> {
        if !is_usable(address) {
            return Err(LocalCandidateError::Address(address));
        }
        let hosts = || self.locals.iter().filter(|l| l.is_host(Transport::Udp));
        if self.state == State::Closed || hosts().any(|local| local.base == address) {
            return Ok(());
        }
        self.check_room_for_local()?;
        // The first that is free: an address that comes back has its place again.
        let is_free = |preference: &u16| {
            let priority = priority(CandidateKind::Host, Transport::Udp, *preference);
            hosts().all(|local| local.candidate.priority != priority)
        };
        let mut turns = (0..=hosts().count()).map(|nth| local_preference(address.ip(), nth));
        let preference = turns.find(is_free).unwrap_or_default();
        let alike = hosts().find(|local| local.base.ip() == address.ip()).map(|l| l.foundation);
        let id = self.next_candidate_id();
        let foundation = alike.unwrap_or(id.0);
        let mut candidate = self.own_candidate(foundation, CandidateKind::Host, address);
        candidate.priority = priority(CandidateKind::Host, Transport::Udp, preference);
        if let Some(name) = name {
            candidate.address = Address::Name { name: name.into(), port: address.port() };
        }
        self.gathered = false;
        self.announce(&candidate);
        self.locals.push(Local { id, candidate, base: address, foundation });
        self.pair_local(id);
        self.address_found();
        self.settle(now);
        Ok(())
    }

    /// Takes the address that a STUN server sees where we send from `base`: a server-reflexive
    /// candidate, RFC 8445 §5.1.1.2. It is signalled, and makes no pairs: those of its base are the
    /// same (RFC 8445 §6.1.2.4). One that is equal to another candidate changes nothing
    /// (RFC 8445 §5.1.3), unless that one is hidden behind its name.
    ///
    /// # Errors
    ///
    /// The address cannot be a candidate, `base` is no host candidate, or there are too many.
    pub fn add_server_reflexive_candidate(
        &mut self,
        now: Instant,
        base: SocketAddr,
        mapped: SocketAddr,
    ) -> Result<(), LocalCandidateError> {
        if !is_usable(mapped) {
            return Err(LocalCandidateError::Address(mapped));
        }
        let kind = CandidateKind::ServerReflexive;
        let host = self
            .locals
            .iter()
            .find(|local| local.is_host(Transport::Udp) && is_same(local.base, base));
        let Some(host) = host else { return Err(LocalCandidateError::Base(base)) };
        let priority = candidate::priority_as(kind, Transport::Udp, host.candidate.priority);
        let related = host.related();
        if self.state == State::Closed
            || self.local_candidates().any(|c| c.socket_addr().is_some_and(|a| is_same(a, mapped)))
        {
            return Ok(());
        }
        self.check_room_for_local()?;
        // RFC 8445 §5.1.1.3: equal for equal IP addresses of bases; there is one server.
        let of_kind = |local: &&Local| local.candidate.kind == kind && local.base.ip() == base.ip();
        let alike = self.locals.iter().find(of_kind).map(|local| local.foundation);
        let id = self.next_candidate_id();
        let foundation = alike.unwrap_or(id.0);
        let mut candidate = self.own_candidate(foundation, kind, mapped);
        (candidate.priority, candidate.related) = (priority, Some(related));
        self.gathered = false;
        self.announce(&candidate);
        self.locals.push(Local { id, candidate, base, foundation });
        self.settle(now);
        Ok(())
    }

    /// There will be no more local candidates, but for those of relays that were added and have not
    /// answered yet: gathering is complete when they have, or have failed.
    pub fn end_of_local_candidates(&mut self, now: Instant) {
        self.gathered = true;
        self.settle(now);
    }

    /// Gathering follows the shell and the relays.
    pub(super) fn settle_gathering(&mut self) {
        if self.gathered && !self.relays.iter().any(Relay::is_pending) {
            self.set_gathering(GatheringState::Complete);
        }
    }

    /// A candidate of this agent over UDP, whose priority is still to be set.
    pub(super) fn own_candidate(
        &self,
        foundation: u32,
        kind: CandidateKind,
        address: SocketAddr,
    ) -> Candidate {
        Candidate {
            foundation: foundation.to_string().into(),
            component: COMPONENT,
            transport: Transport::Udp,
            tcp_type: None,
            priority: 0,
            address: Address::Ip(address),
            kind,
            related: None,
            ufrag: None,
        }
    }

    /// Tells of a candidate, unless the policy keeps it to ourselves.
    pub(super) fn announce(&mut self, candidate: &Candidate) {
        self.set_gathering(GatheringState::Gathering);
        self.events.extend(self.to_signal(candidate).map(Event::LocalCandidate));
    }

    /// A candidate as the other side may know it.
    pub(super) fn to_signal(&self, candidate: &Candidate) -> Option<Candidate> {
        if !self.config.policy.signals(candidate.kind) {
            return None;
        }
        let mut candidate = candidate.clone();
        if self.config.policy != CandidatePolicy::All {
            // RFC 8839 §5.1: in place of what must not be known.
            candidate.related = candidate.related.map(|related| match related {
                SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 9).into(),
                SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 9).into(),
            });
        }
        Some(candidate)
    }

    /// The other side saw our check come from `mapped`. If that is none of our candidates it
    /// becomes one, and takes the place of the base in the pair (RFC 8445 §7.2.5.3.1).
    ///
    /// On the selected pair it means that a NAT has forgotten us and begun anew. The other side knows
    /// us by our former address, at which nobody is any more: we nominate the pair again, so that it
    /// turns to where this comes from.
    pub(super) fn learn_local(&mut self, pair: PairId, mapped: SocketAddr) {
        let before = self.current.pair(pair).map(|pair| pair.local);
        self.learn_mapped(pair, mapped);
        let after = self.current.pair(pair).map(|pair| pair.local);
        let nominates = self.role == Role::Controlling && self.current.nominating.is_none();
        if before != after && self.current.selected == Some(pair) && nominates {
            self.begin_nomination(pair);
        }
    }

    fn learn_mapped(&mut self, pair: PairId, mapped: SocketAddr) {
        let Some(pair) = self.current.pair_mut(pair) else { return };
        let transport = pair.path.transport;
        let own = |local: &&Local| {
            local.candidate.transport == transport && is_same(local.address(), mapped)
        };
        let (id, priority) = match self.locals.iter().find(own) {
            // That of another socket: it cannot have come from there, whatever the other side says.
            Some(known) if known.base != pair.path.local => return,
            Some(known) => (known.id, known.candidate.priority),
            None if is_usable(mapped) => {
                let kind = CandidateKind::PeerReflexive;
                let learnt = self.locals.iter().filter(|local| local.candidate.kind == kind);
                if learnt.count() >= self.config.max_peer_reflexive {
                    self.counters.ignored.excess += 1;
                    return;
                }
                let priority = candidate::priority_as(kind, transport, pair.local_priority);
                self.last_id += 1;
                let id = CandidateId(self.last_id);
                self.locals.push(Local {
                    id,
                    candidate: Candidate {
                        foundation: self.last_id.to_string().into(),
                        component: COMPONENT,
                        transport,
                        tcp_type: None,
                        priority,
                        address: Address::Ip(mapped),
                        kind,
                        related: Some(pair.path.local),
                        ufrag: None,
                    },
                    base: pair.path.local,
                    foundation: self.last_id,
                });
                (id, priority)
            }
            None => return,
        };
        (pair.local, pair.local_priority) = (id, priority);
        pair.prioritize(self.role);
    }

    pub(super) fn check_room_for_local(&self) -> Result<(), LocalCandidateError> {
        let count = self.local_candidates().count();
        let full = count >= self.config.max_local_candidates;
        if full { Err(LocalCandidateError::TooMany(count)) } else { Ok(()) }
    }

    pub(super) fn set_gathering(&mut self, state: GatheringState) {
        if self.gathering != state && self.state != State::Closed {
            self.gathering = state;
            self.events.push_back(Event::GatheringStateChanged(state));
        }
    }
}
