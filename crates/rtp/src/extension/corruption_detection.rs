//! Samples of a picture, to compare with what was decoded: libwebrtc's corruption-detection.

use crate::ParseError;
use crate::wire::{take, take_u8};

/// Which samples were taken, and what they were.
///
/// ```text
/// +-+-------------+---------------+-------+-------+---------------+
/// |B|    index    |   deviation   | luma  | chroma|   sample …    |
/// +-+-------------+---------------+-------+-------+---------------+
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CorruptionDetection<'a> {
    /// The index is the seven high bits of the sequence of sample places, else the low ones.
    pub high_bits: bool,
    /// Seven bits: where in the sequence of sample places the first sample lies.
    pub index: u8,
    /// The samples; `None`: the index is all there is, to keep both sides in step.
    pub samples: Option<Samples<'a>>,
}

/// Filtered samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Samples<'a> {
    /// The filter's standard deviation, in units of 40/255 pixels.
    pub deviation: u8,
    /// Four bits: by how much a luma sample may differ.
    pub luma_threshold: u8,
    /// Four bits: by how much a chroma sample may differ.
    pub chroma_threshold: u8,
    values: &'a [u8],
}

impl<'a> Samples<'a> {
    /// The most samples.
    pub const MAX: usize = 13;

    /// Samples with their filter. `None`: no sample, or more than thirteen.
    pub const fn new(
        deviation: u8,
        luma_threshold: u8,
        chroma_threshold: u8,
        values: &'a [u8],
    ) -> Option<Self> {
        if values.is_empty() || values.len() > Self::MAX {
            return None;
        }
        Some(Self { deviation, luma_threshold, chroma_threshold, values })
    }

    /// One to thirteen samples.
    pub const fn values(&self) -> &'a [u8] {
        self.values
    }
}

impl<'a> CorruptionDetection<'a> {
    /// Reads a value.
    ///
    /// # Errors
    ///
    /// Neither one byte nor four to sixteen.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        let mut rest = bytes;
        let length = ParseError::Length { length: bytes.len(), expected: 1 };
        let first = take_u8(&mut rest).map_err(|_| length)?;
        let samples = if rest.is_empty() {
            None
        } else {
            let [deviation, thresholds] = take(&mut rest).map_err(|_| length)?;
            let samples = Samples::new(deviation, thresholds >> 4, thresholds & 0x0f, rest);
            Some(samples.ok_or(length)?)
        };
        Ok(Self { high_bits: first & 0x80 != 0, index: first & 0x7f, samples })
    }

    /// Appends the value.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.push(if self.high_bits { 0x80 } else { 0 } | self.index & 0x7f);
        if let Some(samples) = self.samples {
            let thresholds = samples.luma_threshold << 4 | samples.chroma_threshold & 0x0f;
            out.extend_from_slice(&[samples.deviation, thresholds]);
            out.extend_from_slice(samples.values);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_one_to_thirteen() {
        let bytes: Vec<u8> = (0x85..0x85 + 18).collect();
        for len in 0..=18 {
            let found = CorruptionDetection::parse(&bytes[..len]);
            assert_eq!(found.is_ok(), len == 1 || (4..=16).contains(&len), "{len}");
            if let Ok(value) = found {
                let mut out = Vec::new();
                value.write(&mut out);
                assert_eq!(out, bytes[..len]);
            }
        }
        let value = CorruptionDetection::parse(&bytes[..5]).unwrap();
        let samples = Samples::new(0x86, 8, 7, &[0x88, 0x89]);
        assert_eq!(value, CorruptionDetection { high_bits: true, index: 5, samples });
    }
}
