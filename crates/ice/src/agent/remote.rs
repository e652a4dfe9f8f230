//! What signalling says of the other side, RFC 8838.

use core::net::{IpAddr, SocketAddr};

use sansio::{Instant, Path, Transport};

use crate::agent::generation::{Generation, Remote};
use crate::agent::machine::Agent;
use crate::agent::pair::CandidateId;
use crate::candidate::{is_same, is_usable};
use crate::{
    Address, COMPONENT, Candidate, CandidateKind, CandidatePolicy, Credentials, Event, PairState,
    State,
};

impl Agent {
    /// Takes the other side's credentials. Checks begin.
    ///
    /// Others than those known mean that the other side has begun another generation without us
    /// (a forked call): its candidates and pairs are forgotten, but the route stays in use.
    pub fn set_remote_credentials(&mut self, now: Instant, credentials: Credentials) {
        match self.remote_credentials() {
            _ if self.state == State::Closed => return,
            Some(known) if *known == credentials => return,
            Some(_) => {
                let ours = self.current.credentials.clone();
                self.begin_generation(ours);
            }
            None => {}
        }
        self.current.unresolved.retain(|candidate| !is_foreign(candidate, &credentials));
        let foreign =
            self.current.remotes.iter().filter(|r| is_foreign(&r.candidate, &credentials));
        for id in foreign.map(|remote| remote.id).collect::<Vec<_>>() {
            self.counters.ignored.generation += 1;
            self.forget_remote(id);
        }
        self.current.set_remote(now, credentials);
        while let Some(early) = self.current.early.pop_front() {
            self.checked_by_peer(now, early);
        }
        self.settle(now);
    }

    /// Takes a candidate of the other side. What cannot be used (other transports than UDP and TCP,
    /// other components than the first, …) is [counted](crate::Ignored), and no error.
    ///
    /// One with a name is kept until [`resolve_name`](Self::resolve_name).
    pub fn add_remote_candidate(&mut self, now: Instant, candidate: Candidate) {
        if self.state == State::Closed {
            return;
        }
        let foreign =
            self.remote_credentials().is_some_and(|theirs| is_foreign(&candidate, theirs));
        let ignored = &mut self.counters.ignored;
        if candidate.component != COMPONENT {
            ignored.component += 1;
        } else if matches!(candidate.transport, Transport::Tls | Transport::Dtls)
            || (candidate.transport == Transport::Tcp) != candidate.tcp_type.is_some()
        {
            ignored.transport += 1;
        } else if foreign {
            ignored.generation += 1;
        } else {
            match &candidate.address {
                Address::Ip(address) => self.take_remote(*address, candidate),
                Address::Name { .. } => self.take_name(candidate),
            }
            self.settle(now);
        }
    }

    /// Says what [`Event::NameToResolve`] asked: no address means that the name has none. Only
    /// the first address of each family is used.
    pub fn resolve_name(&mut self, now: Instant, name: &str, addresses: &[IpAddr]) {
        let is_it =
            |c: &mut Candidate| matches!(&c.address, Address::Name { name: n, .. } if **n == *name);
        let candidates: Vec<_> = self.current.unresolved.extract_if(.., is_it).collect();
        let first = |v4| addresses.iter().find(|ip| ip.is_ipv4() == v4);
        for candidate in candidates {
            let Address::Name { port, .. } = candidate.address else { continue };
            if addresses.is_empty() {
                self.counters.ignored.unresolved += 1;
            }
            for ip in [first(false), first(true)].into_iter().flatten() {
                let address = SocketAddr::new(*ip, port);
                self.take_remote(address, candidate.clone());
            }
        }
        self.settle(now);
    }

    /// The other side has no more candidates.
    pub fn end_of_remote_candidates(&mut self, now: Instant) {
        self.current.remote_complete = true;
        self.settle(now);
    }

    /// Says whether the other side can follow from one nominated pair to another:
    /// `a=ice-options:renomination`, draft-thatcher-ice-renomination.
    pub fn set_remote_renomination(&mut self, now: Instant, follows: bool) {
        self.remote_renominates = follows;
        self.settle(now);
    }

    /// The remote candidate at the far end of `path`, from which a check came: a peer-reflexive
    /// one, if signalling has not brought it (yet), RFC 8445 §7.3.1.3.
    pub(super) fn learn_remote(&mut self, path: Path, priority: u32) -> Option<CandidateId> {
        let known = |r: &&Remote| {
            is_same(r.address, path.remote) && r.candidate.transport == path.transport
        };
        if let Some(remote) = self.current.remotes.iter().find(known) {
            return Some(remote.id);
        }
        if !is_usable(path.remote) {
            self.counters.ignored.address += 1;
            return None;
        }
        if !self.make_room_for_peer_reflexive() {
            self.counters.ignored.excess += 1;
            return None;
        }
        let id = self.next_candidate_id();
        let candidate = Candidate {
            // RFC 8445 §7.3.1.3: different from all others; signalled ones have no `~`.
            foundation: format!("~{}", id.0).into(),
            component: COMPONENT,
            transport: path.transport,
            tcp_type: None,
            priority,
            address: Address::Ip(path.remote),
            kind: CandidateKind::PeerReflexive,
            related: None,
            ufrag: None,
        };
        self.current.remotes.push(Remote {
            id,
            candidate,
            address: path.remote,
            hidden: false,
            foundation: id.0,
        });
        Some(id)
    }

    fn take_name(&mut self, candidate: Candidate) {
        let unresolved = &self.current.unresolved;
        let Address::Name { name, .. } = &candidate.address else { return };
        if self.config.policy == CandidatePolicy::Relay {
            // It could not be paired with a relay.
            self.counters.ignored.unresolved += 1;
            return;
        }
        if unresolved.contains(&candidate) {
            self.counters.ignored.redundant += 1;
            return;
        }
        let name = name.clone();
        if self.make_room_for_remote() {
            self.events.push_back(Event::NameToResolve(name));
            self.current.unresolved.push(candidate);
        }
    }

    /// `candidate` may have a name still, which has this address.
    fn take_remote(&mut self, address: SocketAddr, mut candidate: Candidate) {
        let told = core::mem::replace(&mut candidate.address, Address::Ip(address));
        let hidden = matches!(told, Address::Name { .. });
        if !is_usable(address) {
            self.counters.ignored.address += 1;
            return;
        }
        let is_it = |remote: &Remote| {
            is_same(remote.address, address) && remote.candidate.transport == candidate.transport
        };
        let is_signalled = |r: &Remote| r.candidate.kind != CandidateKind::PeerReflexive;
        if self.current.remotes.iter().any(|remote| is_it(remote) && is_signalled(remote)) {
            self.counters.ignored.redundant += 1;
            return;
        }
        if !self.make_room_for_remote() {
            return;
        }
        let Generation { remotes, pairs, .. } = &mut self.current;
        let alike = remotes.iter().find(|r| r.candidate.foundation == candidate.foundation);
        let foundation = alike.map(|remote| remote.foundation);
        match remotes.iter_mut().find(|remote| is_it(remote)) {
            Some(remote) => {
                // A check was faster than signalling.
                remote.foundation = foundation.unwrap_or(remote.foundation);
                for pair in pairs.iter_mut().filter(|pair| pair.remote == remote.id) {
                    pair.remote_priority = candidate.priority;
                    pair.foundation.1 = remote.foundation;
                    pair.prioritize(self.role);
                }
                (remote.candidate, remote.hidden) = (candidate, hidden);
            }
            None => {
                let id = self.next_candidate_id();
                let foundation = foundation.unwrap_or(id.0);
                self.current.remotes.push(Remote { id, candidate, address, hidden, foundation });
                self.pair_remote(id);
            }
        }
    }

    /// Whether there is room for one more, perhaps because the oldest useless one had to go.
    fn make_room_for_peer_reflexive(&mut self) -> bool {
        let Generation { remotes, pairs, .. } = &self.current;
        let learnt = || remotes.iter().filter(|r| r.candidate.kind == CandidateKind::PeerReflexive);
        if learnt().count() < self.config.max_peer_reflexive {
            return true;
        }
        let useful = |id| pairs.iter().any(|p| p.remote == id && p.state == PairState::Succeeded);
        let Some(oldest) = learnt().map(|remote| remote.id).find(|id| !useful(*id)) else {
            return false;
        };
        self.forget_remote(oldest);
        self.counters.ignored.excess += 1;
        true
    }

    /// Whether there is room for one more signalled candidate, perhaps because one had to go.
    fn make_room_for_remote(&mut self) -> bool {
        let signalled = |r: &&Remote| r.candidate.kind != CandidateKind::PeerReflexive;
        let known =
            self.current.remotes.iter().filter(signalled).count() + self.current.unresolved.len();
        let has_room = known < self.config.max_remote_candidates || self.prune_remote();
        self.counters.ignored.excess += u64::from(!has_room);
        has_room
    }

    /// Forgets the oldest of the signalled candidates that has shown to be of no use: in a long call
    /// whose sides move there may be many. True: there was one.
    fn prune_remote(&mut self) -> bool {
        let Generation { remotes, pairs, selected, .. } = &self.current;
        let is_useless = |remote: &&Remote| {
            let mut its = pairs.iter().filter(|pair| pair.remote == remote.id).peekable();
            let was_tried = its.peek().is_some() || selected.is_some();
            was_tried && its.all(|pair| pair.state == PairState::Failed)
        };
        let signalled = remotes.iter().filter(|r| r.candidate.kind != CandidateKind::PeerReflexive);
        let oldest = signalled.filter(is_useless).map(|remote| remote.id).next();
        if let Some(id) = oldest {
            self.forget_remote(id);
            self.counters.ignored.excess += 1;
        }
        oldest.is_some()
    }

    fn forget_remote(&mut self, id: CandidateId) {
        self.current.remotes.retain(|remote| remote.id != id);
        self.current.pairs.retain(|pair| pair.remote != id);
    }
}

/// Whether it belongs to another generation than these credentials.
fn is_foreign(candidate: &Candidate, credentials: &Credentials) -> bool {
    candidate.ufrag.as_deref().is_some_and(|ufrag| ufrag != credentials.ufrag())
}
