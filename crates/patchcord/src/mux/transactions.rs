//! Who sent which STUN request, for as long as an answer may come.

use core::time::Duration;
use std::collections::HashMap;

use foldhash::quality::FixedState;
use sansio::Instant;
use stun::TransactionId;

use super::Key;

/// Two generations: when the young one is full or has its age, it becomes the old one, and the
/// old one is forgotten. No timer, no order to keep, and the memory has a bound.
#[derive(Debug)]
pub(super) struct Transactions {
    young: HashMap<TransactionId, Key, FixedState>,
    old: HashMap<TransactionId, Key, FixedState>,
    born: Instant,
}

impl Transactions {
    /// Entries of one generation. Forgetting one too early is harmless: the answer still finds its
    /// peer by its 5-tuple.
    const LIMIT: usize = 8192;
    /// Longer than the longest pause between two retransmissions of a check, 16 x 500 ms
    /// (RFC 8445 §14.3, RFC 8489 §6.2.1).
    const AGE: Duration = Duration::from_secs(10);

    pub(super) fn new(hasher: &FixedState) -> Self {
        Self {
            young: HashMap::with_hasher(hasher.clone()),
            old: HashMap::with_hasher(hasher.clone()),
            born: Instant::ZERO,
        }
    }

    pub(super) fn insert(&mut self, now: Instant, id: TransactionId, key: Key) {
        if self.young.len() >= Self::LIMIT || now - self.born >= Self::AGE {
            core::mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
            self.born = now;
        }
        self.young.insert(id, key);
    }

    pub(super) fn find(&self, id: TransactionId) -> Option<Key> {
        self.young.get(&id).or_else(|| self.old.get(&id)).copied()
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u32) -> TransactionId {
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&n.to_be_bytes());
        TransactionId::from(bytes)
    }

    #[test]
    fn lives_for_one_generation_at_least() {
        let mut table = Transactions::new(&FixedState::with_seed(1));
        let (one, two) = (Key::new(1), Key::new(2));
        table.insert(Instant::from_millis(20_000), id(1), one);
        table.insert(Instant::from_millis(29_999), id(2), two);
        table.insert(Instant::from_millis(30_000), id(3), two);
        assert_eq!(table.find(id(1)), Some(one));
        table.insert(Instant::from_millis(40_000), id(4), two);
        assert_eq!(table.find(id(1)), None);
        assert_eq!(table.find(id(3)), Some(two));
        assert_eq!(table.find(id(99)), None);
    }

    #[test]
    fn is_bounded() {
        let mut table = Transactions::new(&FixedState::with_seed(1));
        for n in 0..100_000 {
            table.insert(Instant::ZERO, id(n), Key::new(0));
            assert!(table.len() <= 2 * Transactions::LIMIT);
        }
        assert_eq!(table.find(id(99_999)), Some(Key::new(0)));
    }
}
