//! When a frame was captured: libwebrtc's abs-capture-time.

use crate::ParseError;
use crate::ntp::NtpTime;
use crate::wire::{exactly, take};

/// When the first frame in a packet was captured, by the clock of whoever captured it.
///
/// ```text
/// +------------------------------+------------------------------------------+
/// | capture time, NTP, 64 bits   | clock offset, 64 bits, if it is known    |
/// +------------------------------+------------------------------------------+
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbsoluteCaptureTime {
    /// When it was captured.
    pub time: NtpTime,
    /// What the sender of the packet adds to the capturer's clock to get its own, in units of
    /// 2^-32 s; `None`: it does not know.
    pub clock_offset: Option<i64>,
}

impl AbsoluteCaptureTime {
    /// Reads a value.
    ///
    /// # Errors
    ///
    /// Neither eight nor sixteen bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let mut rest = bytes;
        let length = ParseError::Length { length: bytes.len(), expected: 8 };
        let time = NtpTime(u64::from_be_bytes(take(&mut rest).map_err(|_| length)?));
        let clock_offset = match rest {
            [] => None,
            rest => Some(i64::from_be_bytes(exactly(rest).map_err(|_| length)?)),
        };
        Ok(Self { time, clock_offset })
    }

    /// Appends the value.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.time.0.to_be_bytes());
        if let Some(offset) = self.clock_offset {
            out.extend_from_slice(&offset.to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_two_lengths() {
        let bytes: Vec<u8> = (1..=16).collect();
        let time = NtpTime(0x0102_0304_0506_0708);
        for (len, clock_offset) in [(8, None), (16, Some(0x090a_0b0c_0d0e_0f10))] {
            let value = AbsoluteCaptureTime { time, clock_offset };
            assert_eq!(AbsoluteCaptureTime::parse(&bytes[..len]), Ok(value));
            let mut out = Vec::new();
            value.write(&mut out);
            assert_eq!(out, bytes[..len]);
        }
        for len in (0..8).chain(9..16) {
            let error = ParseError::Length { length: len, expected: 8 };
            assert_eq!(AbsoluteCaptureTime::parse(&bytes[..len]), Err(error));
        }
    }
}
