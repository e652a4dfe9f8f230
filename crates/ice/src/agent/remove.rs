//! Candidates that are no more, and pairs that work no more: an address of ours went, or a relay, or
//! the other side has withdrawn a candidate.

use core::net::SocketAddr;

use sansio::{Instant, Transport};

use crate::agent::gather::Local;
use crate::agent::generation::Remote;
use crate::agent::machine::Agent;
use crate::agent::pair::CandidateId;
use crate::candidate::is_same;
use crate::{Address, Candidate, CandidateKind, Event, State, TcpType};

impl Agent {
    /// Nothing can be sent from `base` any more: its host candidate goes, the reflexive ones behind
    /// it go too, and so do their pairs. With it go the TCP candidates of its IP address that
    /// connect. [`Event::LocalCandidateRemoved`] tells of each that was signalled.
    ///
    /// ```text
    /// route lost ─┬─ another pair is valid: data goes there at once
    ///             └─ none is: all that remain are checked (again)
    /// ```
    ///
    /// Either way the controlling side nominates another pair, and no restart is needed. Relays that
    /// were reached from there are reached from elsewhere, by other sockets.
    pub fn remove_local_candidate(&mut self, now: Instant, base: SocketAddr) {
        let connects = |local: &Local| {
            let Candidate { transport, tcp_type, .. } = local.candidate;
            transport == Transport::Tcp && !matches!(tcp_type, Some(it) if it != TcpType::Active)
        };
        let is_it =
            |local: &&Local| local.base == base || connects(local) && local.base.ip() == base.ip();
        let gone: Vec<_> = self.locals.iter().filter(is_it).map(|local| local.id).collect();
        if self.state != State::Closed {
            self.forget_locals(&gone);
            self.address_gone(base.ip());
            self.settle(now);
        }
    }

    /// STUN servers do not see us at `mapped` any more where we send from `base`: the
    /// server-reflexive candidate that was [added](Self::add_server_reflexive_candidate) goes.
    pub fn remove_server_reflexive_candidate(
        &mut self,
        now: Instant,
        base: SocketAddr,
        mapped: SocketAddr,
    ) {
        let is_it = |local: &&Local| {
            local.candidate.kind == CandidateKind::ServerReflexive
                && is_same(local.base, base)
                && local.candidate.socket_addr().is_some_and(|address| is_same(address, mapped))
        };
        let gone = self.locals.iter().find(is_it).map(|local| (local.id, local.base));
        let Some((gone, base)) = gone.filter(|_| self.state != State::Closed) else { return };
        // Pairs on which the other side saw us there are its base's again.
        let host = self.locals.iter().find(|l| l.is_host(Transport::Udp) && l.base == base);
        if let Some((id, priority)) = host.map(|host| (host.id, host.candidate.priority)) {
            let generations = [Some(&mut self.current), self.previous.as_mut()];
            let pairs = generations.into_iter().flatten().flat_map(|g| &mut g.pairs);
            for pair in pairs.filter(|pair| pair.local == gone) {
                (pair.local, pair.local_priority) = (id, priority);
                pair.prioritize(self.role);
            }
        }
        self.forget_locals(&[gone]);
        self.settle(now);
    }

    /// The other side has withdrawn a candidate: it is forgotten, and its pairs with it, as when an
    /// [address of ours](Self::remove_local_candidate) goes. Should checks still come from there,
    /// it will be learnt anew as a peer-reflexive one.
    pub fn remove_remote_candidate(&mut self, now: Instant, candidate: &Candidate) {
        if self.state == State::Closed {
            return;
        }
        self.current.unresolved.retain(|known| known != candidate);
        let is_it = |remote: &mut Remote| is_withdrawn(remote, candidate);
        let gone: Vec<_> = self.current.remotes.extract_if(.., is_it).map(|r| r.id).collect();
        self.current.drop_pairs(|pair| gone.contains(&pair.remote));
        self.settle(now);
    }

    /// These local candidates are no more, and neither are their pairs.
    pub(super) fn forget_locals(&mut self, gone: &[CandidateId]) {
        let is_gone = |local: &mut Local| gone.contains(&local.id);
        for Local { candidate, .. } in self.locals.extract_if(.., is_gone).collect::<Vec<_>>() {
            if candidate.kind != CandidateKind::PeerReflexive {
                let signalled = self.to_signal(&candidate);
                self.events.extend(signalled.map(Event::LocalCandidateRemoved));
            }
        }
        for generation in [Some(&mut self.current), self.previous.as_mut()].into_iter().flatten() {
            generation.drop_pairs(|pair| gone.contains(&pair.local));
        }
        let mut responses = core::mem::take(&mut self.responses);
        responses.retain(|response| self.local_on(response.path).is_some());
        self.responses = responses;
    }

    /// The pair in use is gone: the best that is valid takes its place. If there is none, all are
    /// checked (again).
    pub(super) fn recover(&mut self, now: Instant) {
        let lifetime = self.config.consent_expiry;
        if let Some(previous) = self.previous.as_mut().filter(|g| g.is_route_lost()) {
            previous.route = previous.best_valid(now, lifetime).map(|pair| pair.id);
        }
        self.previous.take_if(|previous| previous.route.is_none());
        if !self.current.is_route_lost() {
            return;
        }
        let asks = !self.is_lite();
        self.current.makeshift |= self.current.nominations.max(self.current.nominated) > 0;
        let is_valid = self.current.best_valid(now, lifetime).is_some();
        self.current.first_valid = is_valid.then_some(now);
        if !is_valid {
            self.current.lost = Some(now);
            self.search(now);
            if let Some(previous) = self.previous.as_mut().filter(|_| asks) {
                previous.consent.restart(now, self.config.consent_interval, &mut *self.rng);
            }
        }
    }
}

/// Whether it is the one that was signalled as this candidate.
fn is_withdrawn(remote: &Remote, candidate: &Candidate) -> bool {
    let known = &remote.candidate;
    let is_there = match candidate.address {
        Address::Ip(address) => is_same(remote.address, address),
        // What its name was resolved to has the rest in common.
        Address::Name { port, .. } => {
            remote.address.port() == port
                && (&known.foundation, known.priority)
                    == (&candidate.foundation, candidate.priority)
        }
    };
    is_there && known.transport == candidate.transport && known.tcp_type == candidate.tcp_type
}
