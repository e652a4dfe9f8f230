//! What each number of a stream was used for, so that none is used for two packets: RFC 3711 §9.1,
//! RFC 7714 §9.

/// How many indices are remembered, up to the highest: half a second of video at 8 Mbit/s, which is
/// as long as a packet may be asked for again without RTX.
pub(crate) const REACH: u64 = 512;
const LEN: usize = 512;

/// What there is to tell two packets apart that were protected under one index: a part of the tag.
/// It says as much about the packet as what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    /// Of the first bytes of a whole tag. One bit goes: zero stands for nothing.
    #[inline]
    pub(crate) fn new(tag: [u8; 8]) -> Self {
        Self(u64::from_be_bytes(tag) | 1)
    }
}

/// What an index was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    /// Nothing yet.
    None,
    /// This packet.
    Packet(Fingerprint),
    /// Nobody knows any more.
    Forgotten,
}

/// A ring of fingerprints.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    highest: u64,
    fingerprints: Box<[u64]>,
}

impl Sent {
    pub(crate) fn new(index: u64, fingerprint: Fingerprint) -> Self {
        let mut sent = Self { highest: index, fingerprints: vec![0; LEN].into() };
        sent.record(index, fingerprint);
        sent
    }

    #[inline]
    pub(crate) fn highest(&self) -> u64 {
        self.highest
    }

    #[inline]
    pub(crate) fn find(&self, index: u64) -> Use {
        if index > self.highest {
            return Use::None;
        }
        if self.highest.wrapping_sub(index) >= REACH {
            return Use::Forgotten;
        }
        match self.fingerprints.get(slot(index)) {
            Some(0) => Use::None,
            Some(fingerprint) => Use::Packet(Fingerprint(*fingerprint)),
            None => Use::Forgotten,
        }
    }

    /// Notes what an index was used for of which nothing was known.
    #[inline]
    pub(crate) fn record(&mut self, index: u64, fingerprint: Fingerprint) {
        if index > self.highest {
            let skipped = index.wrapping_sub(self.highest).min(REACH);
            for back in 1..skipped {
                self.put(index.wrapping_sub(back), 0);
            }
            self.highest = index;
        }
        self.put(index, fingerprint.0);
    }

    #[inline]
    fn put(&mut self, index: u64, value: u64) {
        if let Some(fingerprint) = self.fingerprints.get_mut(slot(index)) {
            *fingerprint = value;
        }
    }
}

#[inline]
#[expect(clippy::as_conversions, reason = "it is less than REACH")]
fn slot(index: u64) -> usize {
    (index % REACH) as usize
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn print(n: u64) -> Fingerprint {
        Fingerprint::new(n.to_be_bytes())
    }

    #[test]
    fn remembers_what_its_ring_holds() {
        let mut sent = Sent::new(10_000, print(2));
        assert_eq!(sent.find(10_000), Use::Packet(print(2)));
        assert_eq!(sent.find(10_001), Use::None);
        assert_eq!(sent.find(10_001 - REACH), Use::None);
        assert_eq!(sent.find(10_000 - REACH), Use::Forgotten);
        sent.record(10_100, print(4));
        assert_eq!(sent.find(10_000), Use::Packet(print(2)));
        assert_eq!(sent.find(10_050), Use::None);
        sent.record(10_000 + REACH, print(6));
        assert_eq!(sent.find(10_000), Use::Forgotten);
        assert_eq!(sent.highest(), 10_000 + REACH);
    }

    proptest! {
        /// Nothing that was used is ever taken for unused.
        #[test]
        fn agrees_with_a_map(steps in proptest::collection::vec(-600_i64..600, 1..300)) {
            let mut sent = Sent::new(5_000, print(0));
            let mut all = BTreeMap::from([(5_000, print(0))]);
            for (n, step) in (2..).step_by(2).zip(steps) {
                let index = sent.highest().saturating_add_signed(step);
                match sent.find(index) {
                    Use::None => {
                        prop_assert!(all.insert(index, print(n)).is_none());
                        sent.record(index, print(n));
                    }
                    Use::Packet(fingerprint) => prop_assert_eq!(all.get(&index), Some(&fingerprint)),
                    Use::Forgotten => prop_assert!(index + REACH <= sent.highest()),
                }
            }
        }
    }
}
