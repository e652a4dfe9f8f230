//! When a packet left, by the clock of its sender: libwebrtc's abs-send-time.

use core::time::Duration;

use crate::ParseError;
use crate::wire::exactly;

/// A time in units of 2^-18 s, of which 24 bits are sent: it wraps after 64 s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AbsoluteSendTime(pub u32);

impl AbsoluteSendTime {
    /// Bytes on the wire.
    pub const LEN: usize = 3;
    const MASK: u32 = 0xff_ffff;

    /// A time since any epoch of the sender's, to the nearest unit of 3.8 us.
    pub fn from_duration(time: Duration) -> Self {
        let fraction = (u64::from(time.subsec_nanos()) << 18).wrapping_add(500_000_000);
        let units = (time.as_secs() << 18).wrapping_add(fraction / 1_000_000_000);
        let [.., a, b, c] = units.to_be_bytes();
        Self(u32::from_be_bytes([0, a, b, c]))
    }

    /// The time within the 64 s, to the nearest nanosecond.
    pub fn to_duration(self) -> Duration {
        let nanos = u64::from(self.0 & Self::MASK).wrapping_mul(1_000_000_000);
        Duration::from_nanos(nanos.wrapping_add(1 << 17) >> 18)
    }

    /// From `earlier` to this: the shorter way round, in units of 2^-18 s.
    pub const fn distance_from(self, earlier: Self) -> i32 {
        // The sign is in the highest of the 24 bits.
        (self.0.wrapping_sub(earlier.0) << 8).cast_signed() >> 8
    }

    /// Reads a value.
    ///
    /// # Errors
    ///
    /// Not three bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let [a, b, c] = exactly(bytes)?;
        Ok(Self(u32::from_be_bytes([0, a, b, c])))
    }

    /// As on the wire.
    pub const fn to_bytes(self) -> [u8; Self::LEN] {
        let [_, a, b, c] = self.0.to_be_bytes();
        [a, b, c]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_2_to_the_18_units() {
        let table = [
            (Duration::from_secs(1), 1 << 18),
            (Duration::from_millis(500), 1 << 17),
            (Duration::from_secs(63), 63 << 18),
            (Duration::from_secs(64), 0),
            (Duration::from_nanos(1907), 0),
            (Duration::from_nanos(1908), 1),
            (Duration::from_nanos(999_999_999), 1 << 18),
        ];
        for (time, units) in table {
            assert_eq!(AbsoluteSendTime::from_duration(time), AbsoluteSendTime(units), "{time:?}");
        }
        assert_eq!(AbsoluteSendTime(3 << 17).to_duration(), Duration::from_millis(1500));
    }

    #[test]
    fn distances_go_over_the_wrap() {
        let (late, wrapped) = (AbsoluteSendTime(0xff_fff0), AbsoluteSendTime(0x10));
        assert_eq!(wrapped.distance_from(late), 0x20);
        assert_eq!(late.distance_from(wrapped), -0x20);
    }

    #[test]
    fn lies_in_three_bytes() {
        assert_eq!(AbsoluteSendTime(0x12_3456).to_bytes(), [0x12, 0x34, 0x56]);
        assert_eq!(AbsoluteSendTime::parse(&[0x12, 0x34, 0x56]), Ok(AbsoluteSendTime(0x12_3456)));
        assert!(AbsoluteSendTime::parse(&[0; 2]).is_err());
    }
}
