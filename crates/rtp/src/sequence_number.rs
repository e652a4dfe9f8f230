//! Sequence numbers, RFC 3550 §5.1: 16 bits that wrap, and how they grow to 64.

use core::fmt;

/// A sequence number as it stands in a packet. It wraps, so it has no order but that of RFC 1982.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SequenceNumber(pub u16);

impl SequenceNumber {
    /// The one after this.
    #[must_use]
    pub const fn next(self) -> Self {
        self.plus(1)
    }

    /// The one `n` after this.
    #[must_use]
    pub const fn plus(self, n: u16) -> Self {
        Self(self.0.wrapping_add(n))
    }

    /// Steps from `other` to this: negative when this is the older one. The shorter way round; of
    /// two equal ways, the one back.
    pub const fn distance_from(self, other: Self) -> i16 {
        self.0.wrapping_sub(other.0).cast_signed()
    }

    /// Whether this comes after `other`: it is less than half the space ahead (RFC 1982 §3.2).
    pub const fn is_after(self, other: Self) -> bool {
        self.distance_from(other) > 0
    }

    /// The 16 low bits of an extended number.
    pub const fn from_extended(extended: u64) -> Self {
        let [.., high, low] = extended.to_be_bytes();
        Self(u16::from_be_bytes([high, low]))
    }
}

impl From<u16> for SequenceNumber {
    fn from(number: u16) -> Self {
        Self(number)
    }
}

impl fmt::Display for SequenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Extends the sequence numbers of one stream to 64 bits, which do not wrap (RFC 3550 A.1).
///
/// ```
/// use patchcord_rtp::{Extender, SequenceNumber};
///
/// let mut extender = Extender::default();
/// assert_eq!(extender.extend(SequenceNumber(65_535)), 0x1_ffff);
/// assert_eq!(extender.extend(SequenceNumber(1)), 0x2_0001);
/// assert_eq!(extender.extend(SequenceNumber(65_534)), 0x1_fffe); // a late one
/// assert_eq!(extender.highest(), Some(0x2_0001));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extender {
    highest: Option<u64>,
}

impl Extender {
    /// The number that the first one is added to, so that there is room for older ones below it.
    const FIRST_CYCLE: u64 = 1 << 16;

    /// The extended number nearest to the highest one, which it becomes if it is higher. The first
    /// number `n` becomes 2^16 + `n`.
    #[inline]
    pub fn extend(&mut self, number: SequenceNumber) -> u64 {
        let extended = self.peek(number);
        self.highest = Some(self.highest.map_or(extended, |highest| highest.max(extended)));
        extended
    }

    /// What [`extend`](Self::extend) would return; nothing changes.
    #[inline]
    pub fn peek(&self, number: SequenceNumber) -> u64 {
        let Some(highest) = self.highest else {
            return Self::FIRST_CYCLE.wrapping_add(u64::from(number.0));
        };
        let distance = number.distance_from(SequenceNumber::from_extended(highest));
        highest.saturating_add_signed(i64::from(distance))
    }

    /// The highest number so far; `None` before the first.
    pub const fn highest(&self) -> Option<u64> {
        self.highest
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn order_survives_the_wrap() {
        let (last, first) = (SequenceNumber(u16::MAX), SequenceNumber(0));
        assert_eq!(last.next(), first);
        assert!(first.is_after(last) && !last.is_after(first) && !first.is_after(first));
        assert_eq!(SequenceNumber(3).distance_from(SequenceNumber(65_530)), 9);
        assert_eq!(SequenceNumber(65_530).distance_from(SequenceNumber(3)), -9);
        // RFC 1982 leaves the order of opposite numbers open: neither is after the other.
        assert!(!SequenceNumber(0x8000).is_after(first) && !first.is_after(SequenceNumber(0x8000)));
    }

    #[test]
    fn older_numbers_than_the_first_do_not_underflow() {
        let mut extender = Extender::default();
        assert_eq!(extender.highest(), None);
        assert_eq!(extender.extend(SequenceNumber(2)), 0x1_0002);
        assert_eq!(extender.extend(SequenceNumber(65_535)), 0xffff);
        assert_eq!(extender.extend(SequenceNumber(0x8002)), 0x8002);
        assert_eq!(extender.highest(), Some(0x1_0002));
    }

    #[test]
    fn peeking_changes_nothing() {
        let mut extender = Extender::default();
        assert_eq!(extender.peek(SequenceNumber(7)), 0x1_0007);
        assert_eq!(extender.highest(), None);
        extender.extend(SequenceNumber(7));
        assert_eq!(extender.peek(SequenceNumber(9)), 0x1_0009);
        assert_eq!(extender.highest(), Some(0x1_0007));
    }

    proptest! {
        /// However a stream jumps, as long as it jumps less than half the space.
        #[test]
        fn follows_a_stream(
            start in any::<u16>(),
            steps in prop::collection::vec(-20_000_i64..20_000, 0..300),
        ) {
            let mut extender = Extender::default();
            let mut number = extender.extend(SequenceNumber(start));
            for step in steps {
                let highest = extender.highest().unwrap();
                number = highest.saturating_add_signed(step);
                let found = extender.extend(SequenceNumber::from_extended(number));
                prop_assert_eq!(found, number);
                prop_assert_eq!(extender.highest(), Some(highest.max(number)));
            }
            prop_assert!(number > 0);
        }
    }
}
