//! Room for pairs, RFC 8445 §6.1.2.5: who goes when there are too many, and who waits.
//!
//! ```text
//! a new pair ─┬ there is room, or a pair has failed, or a lower one was not looked at ─► it is in
//!             └ there is none ─► it waits until a pair has failed
//! ```
//!
//! Pairs with relays are the lowest, and what works where nothing else does. So some places are theirs,
//! however many addresses the two sides have.

use crate::PairState;
use crate::agent::generation::Generation;
use crate::agent::machine::Agent;
use crate::agent::pair::{CandidateId, Pair};

/// Of so many places one is for pairs with a relay.
const RELAYED: usize = 8;

/// A pair that finds no room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    priority: u64,
    local: CandidateId,
    remote: CandidateId,
}

impl Agent {
    /// Whether there is room for a pair, perhaps because another had to go. If not, it waits.
    pub(super) fn make_room_for_pair(
        &mut self,
        priority: u64,
        (local, remote): (CandidateId, CandidateId),
        relayed: bool,
    ) -> bool {
        if self.current.pairs.len() < self.config.max_pairs {
            return true;
        }
        let Some(index) = self.prunable(priority, relayed) else {
            self.wait_for_room(Waiting { priority, local, remote });
            return false;
        };
        let Pair { state, priority, local, remote, .. } = self.current.pairs.swap_remove(index);
        if state != PairState::Failed {
            self.wait_for_room(Waiting { priority, local, remote });
        }
        true
    }

    /// The pair that goes for another one: the oldest of those that have failed, those last that were
    /// valid once; else the lowest of those that nothing is known of, if it is lower.
    fn prunable(&self, priority: u64, relayed: bool) -> Option<usize> {
        let pairs = || self.current.pairs.iter().enumerate();
        let failed = pairs().filter(|(_, pair)| pair.state == PairState::Failed);
        let oldest = failed.min_by_key(|(_, pair)| (pair.is_trusted(), pair.id.0));
        if let Some((index, _)) = oldest {
            return Some(index);
        }
        let places = self.config.max_pairs / RELAYED;
        let taken = pairs().filter(|(_, pair)| pair.relayed).count();
        let (has_place, spared) = (relayed && taken < places, !relayed && taken <= places);
        let prunable = pairs().filter(|(_, pair)| pair.is_prunable());
        let (index, lowest) = prunable
            .filter(|(_, pair)| !pair.relayed || !(has_place || spared))
            .min_by_key(|(_, pair)| pair.priority)?;
        (has_place || lowest.priority < priority).then_some(index)
    }

    /// As many wait as are looked at, the best of them.
    fn wait_for_room(&mut self, pair: Waiting) {
        let waiting = &mut self.current.waiting;
        let is_it = |other: &Waiting| (other.local, other.remote) == (pair.local, pair.remote);
        if self.current.selected.is_some() || waiting.iter().any(is_it) {
            return;
        }
        waiting.push(pair);
        if waiting.len() > self.config.max_pairs {
            let lowest = waiting.iter().enumerate().min_by_key(|(_, pair)| pair.priority);
            if let Some((index, _)) = lowest {
                waiting.swap_remove(index);
            }
        }
    }

    /// Lets those in for whom there is room now, best first.
    pub(super) fn let_in(&mut self) {
        if self.current.selected.is_some() || self.current.expired {
            self.current.waiting = Vec::new();
        }
        while !self.current.waiting.is_empty() {
            let Generation { pairs, waiting, .. } = &mut self.current;
            let has_room = pairs.len() < self.config.max_pairs
                || pairs.iter().any(|pair| pair.state == PairState::Failed);
            let best = waiting.iter().enumerate().max_by_key(|(_, pair)| pair.priority);
            let Some((index, _)) = best.filter(|_| has_room) else { return };
            let Waiting { local, remote, .. } = waiting.swap_remove(index);
            self.pair_up(local, remote);
        }
    }
}
