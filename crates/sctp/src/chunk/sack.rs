//! SACK: what arrived, RFC 9260 §3.3.4.

use crate::serial::Tsn;
use crate::wire::{ParseError, Reader, write_tlv};

/// SACK.
///
/// ```text
/// +---------------+---------------+-------------------------------+
/// |    type = 3   |       0       |            length             |
/// +---------------+---------------+-------------------------------+
/// |                       cumulative TSN ack                      |
/// +---------------------------------------------------------------+
/// |               advertised receiver window credit               |
/// +-------------------------------+-------------------------------+
/// |     number of gap blocks      |     number of duplicates      |
/// +-------------------------------+-------------------------------+
/// |     start of gap block 1      |       end of gap block 1      | …
/// +-------------------------------+-------------------------------+
/// |                        duplicate TSN 1                        | …
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sack<'a> {
    /// All up to and with this one arrived.
    pub cumulative_tsn: Tsn,
    /// Free bytes in the receive buffer.
    pub window: u32,
    gaps: &'a [u8],
    duplicates: &'a [u8],
}

/// A run that arrived behind a gap, as offsets from the cumulative TSN. Both ends arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GapBlock {
    /// The first.
    pub start: u16,
    /// The last.
    pub end: u16,
}

impl GapBlock {
    /// Bytes on the wire.
    pub const LEN: usize = 4;

    /// Appends the block.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.start.to_be_bytes());
        out.extend_from_slice(&self.end.to_be_bytes());
    }
}

impl<'a> Sack<'a> {
    /// Chunk type.
    pub const TYPE: u8 = 3;
    /// Bytes without gap blocks and duplicates.
    pub const MIN_LEN: usize = 16;

    /// A SACK whose gap blocks and duplicates are encoded already: [`GapBlock::write`], and four
    /// bytes for each duplicate.
    pub fn new(cumulative_tsn: Tsn, window: u32, gaps: &'a [u8], duplicates: &'a [u8]) -> Self {
        Self { cumulative_tsn, window, gaps, duplicates }
    }

    pub(crate) fn parse(_flags: u8, value: &'a [u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(value);
        let (cumulative_tsn, window) = (Tsn(reader.u32()?), reader.u32()?);
        let (gaps, duplicates) = (reader.u16()?, reader.u16()?);
        let gaps = reader.bytes(usize::from(gaps).saturating_mul(GapBlock::LEN))?;
        let duplicates = reader.bytes(usize::from(duplicates).saturating_mul(4))?;
        Ok(Self { cumulative_tsn, window, gaps, duplicates })
    }

    /// Appends the chunk.
    pub fn write(&self, out: &mut Vec<u8>) {
        let count = |bytes: &[u8]| u16::try_from(bytes.len() / 4).unwrap_or(u16::MAX);
        write_tlv(out, [Self::TYPE, 0], |out| {
            out.extend_from_slice(&self.cumulative_tsn.0.to_be_bytes());
            out.extend_from_slice(&self.window.to_be_bytes());
            out.extend_from_slice(&count(self.gaps).to_be_bytes());
            out.extend_from_slice(&count(self.duplicates).to_be_bytes());
            out.extend_from_slice(self.gaps);
            out.extend_from_slice(self.duplicates);
        });
    }

    /// The gap blocks as they came, in no order that can be relied on.
    pub fn gap_blocks(&self) -> impl Iterator<Item = GapBlock> + use<'a> {
        self.gaps.as_chunks::<4>().0.iter().map(|&[a, b, c, d]| GapBlock {
            start: u16::from_be_bytes([a, b]),
            end: u16::from_be_bytes([c, d]),
        })
    }

    /// TSNs that came more than once since the last SACK.
    pub fn duplicates(&self) -> impl Iterator<Item = Tsn> + use<'a> {
        self.duplicates.as_chunks::<4>().0.iter().map(|&tsn| Tsn(u32::from_be_bytes(tsn)))
    }
}
