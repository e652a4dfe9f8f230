//! Which packet of its stream a packet is, RFC 3711 §3.3.1.

use rtp::{SequenceNumber, Ssrc};

/// The last index of an RTP stream: 32 bits of rollover counter, 16 of sequence number.
pub(crate) const MAX_RTP: u64 = (1 << 48) - 1;
/// How much one rollover adds.
pub(crate) const ROLLOVER: u64 = 1 << 16;
/// Where half of the sequence numbers end.
const HALF: u16 = 1 << 15;

/// What makes a packet one of its kind under a key: from it follows its nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) ssrc: Ssrc,
    /// RTP: rollover counter and sequence number. RTCP: the index.
    pub(crate) index: u64,
}

impl Position {
    /// SSRC and index next to each other as RFC 7714 §8.1 and §9.1 and RFC 3711 §4.1.1 want them,
    /// the index in 48 bits.
    #[inline]
    pub(crate) fn number(self) -> u128 {
        u128::from(self.ssrc.0) << 48 | u128::from(self.index)
    }

    /// The sequence number.
    #[inline]
    pub(crate) fn sequence_number(self) -> SequenceNumber {
        SequenceNumber(low(self.index))
    }

    /// The rollover counter.
    #[inline]
    #[expect(clippy::as_conversions, reason = "the index has 48 bits, of which these are the high")]
    pub(crate) fn rollover(self) -> u32 {
        (self.index >> 16) as u32
    }
}

/// The index that a sequence number most likely stands for: with the rollover counter that brings
/// it closest to the highest index so far. `None`: before the first packet of all.
#[inline]
pub(crate) fn guess(highest: u64, number: SequenceNumber) -> Option<u64> {
    let rollover = highest >> 16;
    let last = low(highest);
    let rollover = if last < HALF {
        let ahead = number.0.saturating_sub(last);
        if ahead > HALF { rollover.checked_sub(1)? } else { rollover }
    } else if last.wrapping_sub(HALF) > number.0 {
        rollover.wrapping_add(1)
    } else {
        rollover
    };
    Some(rollover << 16 | u64::from(number.0))
}

/// The sequence number in an index.
#[inline]
#[expect(clippy::as_conversions, reason = "the low 16 bits are wanted")]
fn low(index: u64) -> u16 {
    index as u16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_nearest_rollover_is_guessed() {
        let table = [
            // (highest, sequence number, index)
            (0x0000_0005, 6, Some(0x0000_0006)),
            (0x0000_0005, 4, Some(0x0000_0004)),
            (0x0000_0005, 0x8005, Some(0x0000_8005)),
            (0x0000_0005, 0x8006, None),
            (0x0000_ffff, 0, Some(0x0001_0000)),
            (0x0000_ffff, 0x7ffe, Some(0x0001_7ffe)),
            (0x0000_ffff, 0x7fff, Some(0x0000_7fff)),
            (0x0001_0000, 0xffff, Some(0x0000_ffff)),
            (0x0001_0000, 0x8001, Some(0x0000_8001)),
            (0x0001_0000, 0x8000, Some(0x0001_8000)),
            (0x0001_8000, 0, Some(0x0001_0000)),
            (0x0001_8001, 0, Some(0x0002_0000)),
            (0x0002_9000, 0xf000, Some(0x0002_f000)),
        ];
        for (highest, number, index) in table {
            assert_eq!(guess(highest, SequenceNumber(number)), index, "{highest:x} {number:x}");
        }
    }

    #[test]
    fn a_position_shows_its_parts() {
        let position = Position { ssrc: Ssrc(0x1122_3344), index: 0xaabb_ccdd_eeff };
        assert_eq!(position.number(), 0x1122_3344_aabb_ccdd_eeff);
        assert_eq!(position.rollover(), 0xaabb_ccdd);
    }

    proptest! {
        /// Less than half of the numbers away in either direction, each packet is recognized.
        #[test]
        fn packets_that_are_not_far_away_are_recognized(
            highest in 0x1_0000_u64..MAX_RTP - 0x8000, away in -0x7fff_i64..0x8000,
        ) {
            let index = highest.checked_add_signed(away).expect("in range");
            prop_assert_eq!(guess(highest, SequenceNumber(index as u16)), Some(index));
        }
    }
}
