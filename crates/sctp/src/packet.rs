//! The SCTP packet: common header and checksum, RFC 9260 §3.1, §6.8.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-------------------------------+-------------------------------+
//! |          source port          |       destination port        |
//! +-------------------------------+-------------------------------+
//! |                       verification tag                        |
//! +---------------------------------------------------------------+
//! |                       checksum (CRC32c)                       |
//! +---------------------------------------------------------------+
//! |                            chunks …                           |
//! ```
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use crate::chunk::{Chunk, Chunks, CookieEcho, Init};
use crate::ids::Tag;
use crate::wire::{ParseError, Reader};

/// Bytes of the common header.
pub const HEADER_LEN: usize = 12;
const CHECKSUM: core::ops::Range<usize> = 8..12;

/// Whether the checksum of a packet is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// It must be right.
    Verify,
    /// It must be right or zero, RFC 9653 §5.3. With INIT or COOKIE ECHO it must be right: they come
    /// from those who cannot know yet that zero would do.
    AcceptZero,
    /// It is not looked at.
    Ignore,
}

impl Checksum {
    /// Whether to look at the checksum `found` before `chunks`.
    fn is_wanted(self, found: u32, chunks: &[u8]) -> bool {
        match self {
            Self::Verify => true,
            // INIT travels alone, COOKIE ECHO first.
            Self::AcceptZero => {
                found != 0 || matches!(chunks.first(), Some(&Init::TYPE | &CookieEcho::TYPE))
            }
            Self::Ignore => false,
        }
    }
}

/// The common header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The sender's port.
    pub source_port: u16,
    /// The receiver's port.
    pub destination_port: u16,
    /// The tag the receiver chose in its INIT or INIT ACK.
    pub tag: Tag,
}

/// A packet, all of whose chunks are well formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// The common header.
    pub header: Header,
    chunks: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads a packet, and each of its chunks once.
    ///
    /// # Errors
    ///
    /// Truncated; a wrong checksum; or one of its chunks is malformed. A chunk of a type this
    /// crate does not know is not an error, and what follows one that forbids to go on is not
    /// looked at (RFC 9260 §3.2).
    pub fn parse(bytes: &'a [u8], checksum: Checksum) -> Result<Self, ParseError> {
        let mut reader = Reader::new(bytes);
        let header = Header {
            source_port: reader.u16()?,
            destination_port: reader.u16()?,
            tag: Tag(reader.u32()?),
        };
        let found = u32::from_le_bytes(reader.take()?);
        if checksum.is_wanted(found, reader.rest()) {
            let computed = crc32c(bytes);
            if found != computed {
                return Err(ParseError::Checksum { found, computed });
            }
        }
        let packet = Self { header, chunks: reader.rest() };
        for chunk in packet.chunks() {
            if matches!(chunk?, Chunk::Unknown(u) if !u.go_on()) {
                break;
            }
        }
        Ok(packet)
    }

    /// The chunks in their order.
    pub fn chunks(&self) -> Chunks<'a> {
        Chunks::new(self.chunks)
    }
}

/// Builds a packet at the end of a buffer.
#[derive(Debug)]
pub struct PacketBuilder<'b> {
    buf: &'b mut Vec<u8>,
    start: usize,
    limit: usize,
}

impl<'b> PacketBuilder<'b> {
    /// Begins a packet of at most `max_len` bytes behind what `buf` holds.
    pub fn new(buf: &'b mut Vec<u8>, header: Header, max_len: usize) -> Self {
        let start = buf.len();
        buf.extend_from_slice(&header.source_port.to_be_bytes());
        buf.extend_from_slice(&header.destination_port.to_be_bytes());
        buf.extend_from_slice(&header.tag.0.to_be_bytes());
        buf.extend_from_slice(&[0; 4]);
        Self { buf, start, limit: max_len }
    }

    /// Where chunks append themselves. It never holds more than [`room`](Self::room) allows if
    /// they ask first.
    pub fn out(&mut self) -> &mut Vec<u8> {
        self.buf
    }

    /// Bytes that still fit.
    pub fn room(&self) -> usize {
        self.limit.saturating_sub(self.len())
    }

    /// Bytes so far.
    pub fn len(&self) -> usize {
        self.buf.len().saturating_sub(self.start)
    }

    /// Whether it holds no chunk.
    pub fn is_empty(&self) -> bool {
        self.len() <= HEADER_LEN
    }

    /// Leaves the checksum zero, RFC 9653 §5.2; or takes everything back when there is no chunk.
    /// Returns the length.
    pub fn finish_without_checksum(self) -> Option<usize> {
        if self.is_empty() {
            self.buf.truncate(self.start);
            return None;
        }
        Some(self.len())
    }

    /// Writes the checksum; or takes everything back when there is no chunk. Returns the length.
    pub fn finish(self) -> Option<usize> {
        if self.is_empty() {
            self.buf.truncate(self.start);
            return None;
        }
        let packet = self.buf.get_mut(self.start..)?;
        // Its own field is still zero.
        let sum = crc_fast::crc32_iscsi(packet);
        packet.get_mut(CHECKSUM)?.copy_from_slice(&sum.to_le_bytes());
        Some(self.len())
    }
}

/// The checksum of a packet, as if its own field were zero (RFC 9260 §6.8, appendix A). It goes
/// on the wire with its least significant byte first.
fn crc32c(packet: &[u8]) -> u32 {
    let Some((header, rest)) = packet.split_first_chunk::<HEADER_LEN>() else { return 0 };
    let mut header = *header;
    if let Some(field) = header.get_mut(CHECKSUM) {
        field.fill(0);
    }
    let mut digest = crc_fast::Digest::new(crc_fast::CrcAlgorithm::Crc32Iscsi);
    digest.update(&header);
    digest.update(rest);
    u32::try_from(digest.finalize()).unwrap_or_default()
}
