//! Primaries, transfer, matrix and HDR metadata: libwebrtc's color-space.

use crate::ParseError;
use crate::wire::take_u16;

/// How the samples of a picture are to be understood, in the numbers of ISO/IEC 23091-2.
///
/// ```text
/// +-----------+----------+--------+---+---+---+---+------------------------+
/// | primaries | transfer | matrix | 0 | R | H | V | HDR metadata, if known |
/// +-----------+----------+--------+---+---+---+---+------------------------+
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColorSpace {
    /// ISO/IEC 23091-2 §8.1.
    pub primaries: u8,
    /// ISO/IEC 23091-2 §8.2.
    pub transfer: u8,
    /// ISO/IEC 23091-2 §8.3.
    pub matrix: u8,
    /// Which values samples have.
    pub range: Range,
    /// Where a chroma sample lies, from left to right.
    pub chroma_siting_horizontal: ChromaSiting,
    /// Where a chroma sample lies, from top to bottom.
    pub chroma_siting_vertical: ChromaSiting,
    /// What the display was like on which the picture was made.
    pub hdr: Option<HdrMetadata>,
}

/// Which values samples have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Range {
    /// Not known.
    #[default]
    Unspecified,
    /// Of eight bits, 16 to 235 for luma, 16 to 240 for chroma.
    Limited,
    /// All that the bits can say.
    Full,
    /// As transfer and matrix say.
    Derived,
}

/// Where a chroma sample lies among the luma samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChromaSiting {
    /// Not known.
    #[default]
    Unspecified,
    /// On a luma sample.
    Collocated,
    /// Half way between two.
    Half,
    /// A number without a meaning.
    Reserved,
}

/// Mastering metadata (SMPTE ST 2086) and content light levels (CTA-861.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HdrMetadata {
    /// The display's brightest, in cd/m².
    pub luminance_max: u16,
    /// The display's darkest, in 1/10000 cd/m².
    pub luminance_min: u16,
    /// Red, green and blue of the display.
    pub primaries: [Chromaticity; 3],
    /// White of the display.
    pub white: Chromaticity,
    /// The brightest pixel, in cd/m².
    pub max_content_light_level: u16,
    /// The brightest frame on average, in cd/m².
    pub max_frame_average_light_level: u16,
}

/// A color in the CIE 1931 diagram, in 1/50000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Chromaticity {
    /// To the right.
    pub x: u16,
    /// Upwards.
    pub y: u16,
}

impl ColorSpace {
    /// Bytes without HDR metadata.
    pub const LEN: usize = 4;
    /// Bytes with HDR metadata.
    pub const LEN_WITH_HDR: usize = 28;

    /// Reads a value.
    ///
    /// # Errors
    ///
    /// Neither four nor 28 bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let length = ParseError::Length { length: bytes.len(), expected: Self::LEN };
        let Some((&[primaries, transfer, matrix, last], rest)) = bytes.split_first_chunk() else {
            return Err(length);
        };
        let hdr = match rest.len() {
            0 => None,
            HdrMetadata::LEN => Some(HdrMetadata::parse(rest)?),
            _ => return Err(length),
        };
        Ok(Self {
            primaries,
            transfer,
            matrix,
            range: Range::from_bits(last >> 4),
            chroma_siting_horizontal: ChromaSiting::from_bits(last >> 2),
            chroma_siting_vertical: ChromaSiting::from_bits(last),
            hdr,
        })
    }

    /// Appends the value.
    pub fn write(&self, out: &mut Vec<u8>) {
        let siting = self.chroma_siting_horizontal.bits() << 2 | self.chroma_siting_vertical.bits();
        let last = self.range.bits() << 4 | siting;
        out.extend_from_slice(&[self.primaries, self.transfer, self.matrix, last]);
        if let Some(hdr) = self.hdr {
            hdr.write(out);
        }
    }
}

impl Range {
    const fn from_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::Unspecified,
            1 => Self::Limited,
            2 => Self::Full,
            _ => Self::Derived,
        }
    }

    const fn bits(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::Limited => 1,
            Self::Full => 2,
            Self::Derived => 3,
        }
    }
}

impl ChromaSiting {
    const fn from_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::Unspecified,
            1 => Self::Collocated,
            2 => Self::Half,
            _ => Self::Reserved,
        }
    }

    const fn bits(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::Collocated => 1,
            Self::Half => 2,
            Self::Reserved => 3,
        }
    }
}

impl HdrMetadata {
    const LEN: usize = ColorSpace::LEN_WITH_HDR - ColorSpace::LEN;

    fn parse(mut bytes: &[u8]) -> Result<Self, ParseError> {
        let rest = &mut bytes;
        let (luminance_max, luminance_min) = (take_u16(rest)?, take_u16(rest)?);
        let mut colors = [Chromaticity::default(); 4];
        for color in &mut colors {
            *color = Chromaticity { x: take_u16(rest)?, y: take_u16(rest)? };
        }
        let [red, green, blue, white] = colors;
        Ok(Self {
            luminance_max,
            luminance_min,
            primaries: [red, green, blue],
            white,
            max_content_light_level: take_u16(rest)?,
            max_frame_average_light_level: take_u16(rest)?,
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        let mut write = |number: u16| out.extend_from_slice(&number.to_be_bytes());
        write(self.luminance_max);
        write(self.luminance_min);
        for color in self.primaries.iter().chain([&self.white]) {
            write(color.x);
            write(color.y);
        }
        write(self.max_content_light_level);
        write(self.max_frame_average_light_level);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_with_and_without_metadata() {
        let mut bytes: Vec<u8> = (0..28).collect();
        bytes[3] = 0x26;
        for len in [ColorSpace::LEN, ColorSpace::LEN_WITH_HDR] {
            let color = ColorSpace::parse(&bytes[..len]).unwrap();
            assert_eq!((color.primaries, color.transfer, color.matrix), (0, 1, 2));
            assert_eq!(color.range, Range::Full);
            assert_eq!(color.chroma_siting_horizontal, ChromaSiting::Collocated);
            assert_eq!(color.chroma_siting_vertical, ChromaSiting::Half);
            let mut out = Vec::new();
            color.write(&mut out);
            assert_eq!(out, bytes[..len]);
        }
        let hdr = ColorSpace::parse(&bytes).unwrap().hdr.unwrap();
        assert_eq!((hdr.luminance_max, hdr.max_frame_average_light_level), (0x0405, 0x1a1b));
        assert_eq!(hdr.primaries[2], Chromaticity { x: 0x1011, y: 0x1213 });
        assert_eq!(hdr.white, Chromaticity { x: 0x1415, y: 0x1617 });
    }

    #[test]
    fn has_no_other_length() {
        for len in (0..4).chain(5..28).chain(29..33) {
            let error = ParseError::Length { length: len, expected: 4 };
            assert_eq!(ColorSpace::parse(&[0; 40][..len]), Err(error));
        }
    }
}
