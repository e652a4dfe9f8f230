//! The checklist: forming pairs, choosing the next one, RFC 8445 §6.1.

use sansio::{Path, Transport};

use crate::agent::gather::Local;
use crate::agent::generation::{Name, Remote};
use crate::agent::machine::Agent;
use crate::agent::pair::{self, CandidateId, Pair, PairId};
use crate::agent::slot::Load;
use crate::candidate::{can_pair, scoped};
use crate::{CandidateKind, PairState, PairStats, State, TcpType};

impl Agent {
    /// Pairs a new local candidate with all remote ones.
    pub(super) fn pair_local(&mut self, local: CandidateId) {
        let remotes: Vec<_> = self.current.remotes.iter().map(|remote| remote.id).collect();
        for remote in remotes {
            self.pair_up(local, remote);
        }
    }

    /// Pairs a new remote candidate with all local ones. Reflexive ones send from their base, so
    /// their pairs would be redundant (RFC 8445 §6.1.2.4).
    pub(super) fn pair_remote(&mut self, remote: CandidateId) {
        let is_base = |l: &&Local| l.candidate.kind.is_base();
        for local in self.locals.iter().filter(is_base).map(|l| l.id).collect::<Vec<_>>() {
            self.pair_up(local, remote);
        }
    }

    pub(super) fn pair_up(&mut self, local: CandidateId, remote: CandidateId) {
        if self.is_lite() {
            return;
        }
        let l = self.locals.iter().find(|l| l.id == local);
        let r = self.current.remotes.iter().find(|r| r.id == remote);
        let (Some(l), Some(r)) = (l, r) else { return };
        let tcp_type = l.candidate.tcp_type;
        let can_speak = l.candidate.transport == r.candidate.transport
            && r.candidate.tcp_type == tcp_type.map(TcpType::counterpart)
            // RFC 6544 §6.2: who listens waits.
            && tcp_type != Some(TcpType::Passive);
        // draft-ietf-mmusic-mdns-ice-candidates §3.3.2: or the relay would learn what the name hides.
        let tells = r.hidden && l.candidate.kind == CandidateKind::Relayed;
        let may = self.config.policy.pairs(l.candidate.kind) && !tells;
        if may && can_speak && can_pair(l.base, r.address) && self.is_useful(l, r) {
            let (local_address, remote_address) = (l.base, scoped(l.base, r.address));
            let transport = l.candidate.transport;
            let path = Path { local: local_address, remote: remote_address, transport };
            self.add_pair(path, local, remote);
            self.permit(path);
        }
    }

    /// RFC 8445 §8.1.2: once a pair is nominated, no more are needed. But what comes up later may be
    /// better, or all that is left when an interface goes. Relays and streams cost others something:
    /// they are tried when nothing else is left.
    fn is_useful(&self, local: &Local, remote: &Remote) -> bool {
        let selected = self.current.selected.and_then(|id| self.current.pair(id));
        let (l, r) = (&local.candidate, &remote.candidate);
        let is_cheap = l.transport == Transport::Udp
            && l.kind != CandidateKind::Relayed
            && r.kind != CandidateKind::Relayed;
        let better =
            |selected: &Pair| selected.priority < pair::priority(self.role, l.priority, r.priority);
        let needs = self.is_searching || self.state == State::Disconnected;
        is_cheap || needs || selected.is_none_or(better)
    }

    /// The pair on this path, made if need be: `None` if there is no room.
    pub(super) fn add_pair(
        &mut self,
        path: Path,
        local: CandidateId,
        remote: CandidateId,
    ) -> Option<PairId> {
        if let Some(known) = self.current.pair_on(path) {
            return Some(known.id);
        }
        let l = self.locals.iter().find(|l| l.id == local)?;
        let r = self.current.remotes.iter().find(|r| r.id == remote)?;
        let (local_priority, remote_priority) = (l.candidate.priority, r.candidate.priority);
        let foundation = (l.foundation, r.foundation);
        let priority = pair::priority(self.role, local_priority, remote_priority);
        let relayed = [&l.candidate, &r.candidate].iter().any(|c| c.kind == CandidateKind::Relayed);
        if !self.make_room_for_pair(priority, (local, remote), relayed) {
            return None;
        }
        let id = self.next_pair_id();
        self.current.pairs.push(Pair {
            id,
            local,
            remote,
            path,
            local_priority,
            remote_priority,
            priority,
            foundation,
            relayed,
            state: PairState::Frozen,
            check: None,
            cancelled: None,
            extras: Vec::new(),
            load: Load::default(),
            heard: false,
            last_request: None,
            name: Name::Present,
            wanted: None,
            nominated: None,
            parked: false,
            given_up: None,
            lapses: 0,
            rests_until: None,
            last_response: None,
            at_most: None,
            stats: PairStats::default(),
        });
        Some(id)
    }

    /// The next pair for an ordinary check, RFC 8445 §6.1.4.2: the highest of those that wait, and
    /// of those that are frozen while no other of their foundation waits or is being checked.
    pub(super) fn next_in_line(&self) -> Option<PairId> {
        let generation = &self.current;
        if generation.remote.is_none() || generation.expired || self.is_lite() {
            return None;
        }
        let busy = |foundation| {
            generation.pairs.iter().any(|other| {
                other.foundation == foundation
                    && matches!(other.state, PairState::Waiting | PairState::InProgress)
                    && !other.parked
            })
        };
        let open = generation.pairs.iter().filter(|pair| !pair.parked);
        let ready = open.filter(|pair| match pair.state {
            PairState::Waiting => true,
            PairState::Frozen => !busy(pair.foundation),
            _ => false,
        });
        ready.max_by_key(|pair| pair.priority).map(|pair| pair.id)
    }

    /// A pair of this foundation works: its siblings probably do too, RFC 8445 §7.2.5.3.3.
    pub(super) fn thaw(&mut self, foundation: (u32, u32)) {
        let siblings = self.current.pairs.iter_mut().filter(|pair| pair.foundation == foundation);
        for pair in siblings.filter(|pair| pair.state == PairState::Frozen && !pair.parked) {
            pair.state = PairState::Waiting;
        }
    }
}
