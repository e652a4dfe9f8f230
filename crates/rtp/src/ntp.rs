//! Wall time as RTCP counts it, RFC 3550 §4.

use core::time::Duration;

/// Seconds since 1900 in the upper 32 bits, fractions of a second in the lower.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NtpTime(pub u64);

impl NtpTime {
    /// From 1900 to 1970: 70 years, of which 17 had a leap day.
    const UNIX_EPOCH: u64 = (70 * 365 + 17) * 86_400;

    /// The time `since_1970`, of the Unix epoch. It wraps in 2036.
    pub fn from_unix(since_1970: Duration) -> Self {
        let seconds = since_1970.as_secs().wrapping_add(Self::UNIX_EPOCH);
        let fraction = (u64::from(since_1970.subsec_nanos()) << 32) / 1_000_000_000;
        Self((seconds << 32) | fraction)
    }

    /// Time since the Unix epoch, to the nearest nanosecond. Of the two eras it may belong to it
    /// takes the one between 1968 and 2104 (RFC 4330 §3).
    pub fn to_unix(self) -> Duration {
        let era = if self.0 >> 63 == 0 { 1 << 32 } else { 0 };
        let seconds = (self.0 >> 32).wrapping_add(era).saturating_sub(Self::UNIX_EPOCH);
        let fraction = u128::from(self.0 & 0xffff_ffff).wrapping_mul(1_000_000_000);
        let nanos = fraction.wrapping_add(1 << 31) >> 32;
        Duration::from_secs(seconds)
            .saturating_add(Duration::from_nanos(u64::try_from(nanos).unwrap_or_default()))
    }

    /// The middle 32 bits, in units of 1/65536 s: what report blocks send back (RFC 3550 §6.4.1).
    pub const fn middle_32(self) -> u32 {
        let [_, _, a, b, c, d, _, _] = self.0.to_be_bytes();
        u32::from_be_bytes([a, b, c, d])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_from_1900() {
        assert_eq!(NtpTime::from_unix(Duration::ZERO), NtpTime(2_208_988_800 << 32));
        let half = NtpTime::from_unix(Duration::from_millis(1_500));
        assert_eq!(half.0 & u64::from(u32::MAX), 1 << 31);
        assert_eq!(half.middle_32(), 0x7e81_8000);
    }

    /// RFC 3550 §6.4.1, figure 2: a report sent at 0xb44d:b705:2000:0000 has LSR 0xb705:2000.
    #[test]
    fn the_middle_is_that_of_the_rfc() {
        assert_eq!(NtpTime(0xb44d_b705_2000_0000).middle_32(), 0xb705_2000);
    }

    #[test]
    fn comes_back_to_the_nanosecond() {
        let times = [(0, 0), (1, 1), (1_700_000_000, 999_999_999), (2_085_978_495, 7)];
        for (seconds, nanos) in times.into_iter().chain([(2_085_978_496, 0), (4_000_000_000, 3)]) {
            let time = Duration::new(seconds, nanos);
            assert_eq!(NtpTime::from_unix(time).to_unix(), time);
        }
    }
}
