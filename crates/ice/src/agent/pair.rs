//! Candidate pairs, RFC 8445 §6.1.2.

use core::time::Duration;

use sansio::{Instant, Path};
use stun::{Transaction, TransactionId};

use crate::agent::generation::Name;
use crate::agent::nominate::Nomination;
use crate::agent::slot::{Checksum, Load};
pub(crate) use crate::stats::{CandidateId, PairId};
use crate::{PairState, PairStats, Role};

/// A local candidate, a remote one, and whether datagrams pass between them.
///
/// RFC 8445 §7.2.5.3.2 makes a second pair of what a successful check discovers when the other
/// side sees us at another address. Both have one path, so here they are one pair, whose local
/// candidate (with its priority) is replaced by the discovered one.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) id: PairId,
    pub(crate) local: CandidateId,
    pub(crate) remote: CandidateId,
    /// From the base of the local candidate to the remote candidate. No two pairs of a generation
    /// have the same.
    pub(crate) path: Path,
    pub(crate) local_priority: u32,
    pub(crate) remote_priority: u32,
    pub(crate) priority: u64,
    pub(crate) foundation: (u32, u32),
    /// One of the two candidates is a relay's.
    pub(crate) relayed: bool,
    pub(crate) state: PairState,
    /// The check under way.
    pub(crate) check: Option<Check>,
    /// One that was cancelled by a triggered check, but may still be answered.
    pub(crate) cancelled: Option<Check>,
    /// Extra ones for what they carry; not repeated, but they may still be answered.
    pub(crate) extras: Vec<Check>,
    /// What it has carried of the slot's flight.
    pub(super) load: Load,
    /// An authentic request came this way.
    pub(crate) heard: bool,
    /// When it last did.
    pub(crate) last_request: Option<Instant>,
    /// By which name of ours the latest one called us.
    pub(crate) name: Name,
    /// The other side wants this pair, which is not valid yet (RFC 8445 §7.3.1.5).
    pub(crate) wanted: Option<Nomination>,
    /// It is valid, and was nominated: as the how manieth, the last time.
    pub(crate) nominated: Option<u32>,
    /// It is not checked by our own will: another was nominated.
    pub(crate) parked: bool,
    /// It was valid once, and when it was last found not to be any more.
    pub(crate) given_up: Option<Instant>,
    /// How often it fell silent while in use.
    pub(crate) lapses: u32,
    /// Until when it is not turned to because it is better: it fell silent again and again.
    pub(crate) rests_until: Option<Instant>,
    pub(crate) last_response: Option<Instant>,
    /// What the answer to a check took that was repeated once: which request it answered is not
    /// known, but the round trip is no longer.
    pub(crate) at_most: Option<Duration>,
    pub(crate) stats: PairStats,
}

/// A check under way.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) transaction: Transaction,
    /// The role it claims: all requests of a transaction are equal.
    pub(crate) role: Role,
    /// How it nominates, if it does.
    pub(crate) nominates: Option<Nomination>,
    /// The checksum of the datagram that it carried, if that is known.
    pub(super) carried: Option<Checksum>,
}

impl Pair {
    /// Whether what comes this way comes from the other side: it has answered, or asked with the
    /// right password.
    pub(crate) fn is_trusted(&self) -> bool {
        self.heard || self.last_response.is_some()
    }

    /// Whether data may go this way: a check was answered, and not so long ago that the other side
    /// could have ceased to consent (RFC 7675 §5.1).
    pub(crate) fn is_valid(&self, now: Instant, lifetime: Duration) -> bool {
        self.state == PairState::Succeeded
            && self.last_response.is_some_and(|last| now < last + lifetime)
    }

    /// Whether it may still become valid by its own means.
    pub(crate) const fn is_open(&self) -> bool {
        matches!(self.state, PairState::Frozen | PairState::Waiting | PairState::InProgress)
            && !self.parked
    }

    /// Whether it can be dropped without losing anything learnt.
    pub(crate) fn is_prunable(&self) -> bool {
        let unused = self.is_open() && self.check.is_none() && !self.is_trusted();
        unused || self.state == PairState::Failed
    }

    /// It fell silent while in use. The first time it is taken back as soon as it is there again;
    /// from then on it has to rest, each time twice as long and this long more, up to 63 times.
    pub(crate) fn lapse(&mut self, now: Instant, rest: Duration) {
        let rests = (1_u32 << self.lapses.min(6)) - 1;
        self.lapses += 1;
        self.rests_until = Some(now + rest.saturating_mul(rests));
    }

    /// Brings the priority up to date with the candidates' and the role.
    pub(crate) fn prioritize(&mut self, role: Role) {
        self.priority = priority(role, self.local_priority, self.remote_priority);
    }

    /// The check that a response answers.
    pub(crate) fn awaits(&self, id: TransactionId) -> bool {
        self.checks().any(|check| check.transaction.id() == id)
    }

    /// Takes the check that a response answers.
    pub(crate) fn take_check(&mut self, id: TransactionId) -> Option<Check> {
        let is_it = |check: &mut Check| check.transaction.id() == id;
        self.check
            .take_if(is_it)
            .or_else(|| self.cancelled.take_if(is_it))
            .or_else(|| self.extras.extract_if(.., is_it).next())
    }

    /// The check with this id.
    pub(crate) fn check_mut(&mut self, id: TransactionId) -> Option<&mut Check> {
        let checks = [&mut self.check, &mut self.cancelled].into_iter().flatten();
        checks.chain(&mut self.extras).find(|check| check.transaction.id() == id)
    }

    /// The datagram that rode in the check with this id.
    pub(super) fn carried_by(&self, id: TransactionId) -> Option<Checksum> {
        self.checks().find(|check| check.transaction.id() == id)?.carried
    }

    /// All checks that may be answered.
    fn checks(&self) -> impl Iterator<Item = &Check> {
        [&self.check, &self.cancelled].into_iter().flatten().chain(&self.extras)
    }

    /// When something is to be done about its checks.
    pub(crate) fn timeout(&self) -> Option<Instant> {
        self.checks().map(|check| check.transaction.poll_timeout()).min()
    }

    pub(crate) fn measured(&mut self, rtt: Duration) {
        self.stats.current_round_trip_time = Some(rtt);
        self.stats.total_round_trip_time += rtt;
    }
}

/// RFC 8445 §6.1.2.3: `2^32 × min(G, D) + 2 × max(G, D) + (G > D ? 1 : 0)`, where G is the
/// priority of the controlling side's candidate and D that of the controlled side's.
pub(crate) fn priority(role: Role, local: u32, remote: u32) -> u64 {
    let (g, d) = match role {
        Role::Controlling => (local, remote),
        Role::Controlled => (remote, local),
    };
    // PRIORITY has room for more than the 31 bits that RFC 8445 §5.1.2 allows.
    (u64::from(g.min(d)) << 32).saturating_add(2 * u64::from(g.max(d)) + u64::from(g > d))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_compute_the_same_priority() {
        let (low, high) = (1_694_498_815, 2_130_706_431);
        let expected = 7_277_816_997_797_167_102; // 2^32 × low + 2 × high
        assert_eq!(priority(Role::Controlled, high, low), expected);
        assert_eq!(priority(Role::Controlling, low, high), expected);
        assert_eq!(priority(Role::Controlling, high, low), expected + 1);
        assert_eq!(priority(Role::Controlled, low, high), expected + 1);
        assert_eq!(priority(Role::Controlling, u32::MAX, u32::MAX), u64::MAX);
    }
}
