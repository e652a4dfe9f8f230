//! How long to buffer before playing: libwebrtc's playout-delay.

use core::time::Duration;

use crate::ParseError;
use crate::wire::exactly;

/// From capture to rendering, at least and at most. Both 0: as soon as possible.
///
/// ```text
/// +-----------------------+-----------------------+
/// |   least, 10 ms, 12    |    most, 10 ms, 12    |
/// +-----------------------+-----------------------+
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlayoutDelay {
    least: u16,
    most: u16,
}

impl PlayoutDelay {
    /// Bytes on the wire.
    pub const LEN: usize = 3;
    /// The longest delay.
    pub const MAX: Duration = Duration::from_millis(40_950);

    /// Delays in whole units of 10 ms, the rest is cut off. `None`: the least is more than the
    /// most, or one of them more than [`MAX`](Self::MAX).
    pub fn new(least: Duration, most: Duration) -> Option<Self> {
        let units = |time: Duration| u16::try_from(time.as_millis() / 10).ok();
        let ordered = least <= most && most <= Self::MAX;
        if ordered { Some(Self { least: units(least)?, most: units(most)? }) } else { None }
    }

    /// The least delay.
    pub fn least(&self) -> Duration {
        Duration::from_millis(u64::from(self.least).wrapping_mul(10))
    }

    /// The most.
    pub fn most(&self) -> Duration {
        Duration::from_millis(u64::from(self.most).wrapping_mul(10))
    }

    /// Reads a value.
    ///
    /// # Errors
    ///
    /// Not three bytes, or the least is more than the most.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let [a, b, c] = exactly(bytes)?;
        let (least, most) = (u16::from_be_bytes([a, b]) >> 4, u16::from_be_bytes([b & 0x0f, c]));
        if least > most {
            return Err(ParseError::Forbidden(u32::from_be_bytes([0, a, b, c])));
        }
        Ok(Self { least, most })
    }

    /// As on the wire.
    pub const fn to_bytes(self) -> [u8; Self::LEN] {
        let [a, b] = (self.least << 4).to_be_bytes();
        let [high, c] = self.most.to_be_bytes();
        [a, b | high, c]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_times_twelve_bits() {
        let delay = PlayoutDelay::parse(&[0x12, 0x3f, 0xff]).unwrap();
        assert_eq!((delay.least(), delay.most()), (Duration::from_millis(2910), PlayoutDelay::MAX));
        assert_eq!(delay.to_bytes(), [0x12, 0x3f, 0xff]);
        assert_eq!(PlayoutDelay::new(delay.least(), delay.most()), Some(delay));
    }

    #[test]
    fn the_least_is_not_more_than_the_most() {
        assert!(PlayoutDelay::parse(&[0x00, 0x20, 0x01]).is_err());
        assert!(PlayoutDelay::parse(&[0; 4]).is_err());
        let ms = Duration::from_millis;
        assert_eq!(PlayoutDelay::new(ms(20), ms(10)), None);
        assert_eq!(PlayoutDelay::new(ms(0), ms(40_960)), None);
    }
}
