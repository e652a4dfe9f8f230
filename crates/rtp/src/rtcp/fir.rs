//! FIR: a whole picture is asked for, RFC 5104 §4.3.1.

use super::frame::write_frame;
use super::{Frame, List, PacketType};
use crate::wire::take_u32;
use crate::{ParseError, Ssrc};

/// A full intra request, of one or more streams.
///
/// ```text
/// +---+-+---------+---------------+-------------------------------+
/// |V=2|P|    4    |      206      |            length             |
/// +---+-+---------+---------------+-------------------------------+
/// |                         SSRC of sender                        |
/// +---------------------------------------------------------------+
/// |                               0                               |
/// +---------------------------------------------------------------+
/// |                      SSRC of media source                     | …
/// +---------------+-----------------------------------------------+
/// |     number    |                       0                       | …
/// +---------------+-----------------------------------------------+
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fir<'a> {
    /// Who asks.
    pub sender_ssrc: Ssrc,
    /// What is asked for; at least one.
    pub entries: List<'a, FirEntry, { FirEntry::LEN }>,
}

/// A request of one stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FirEntry {
    /// The stream.
    pub ssrc: Ssrc,
    /// One more with each request; the same when a request is repeated.
    pub sequence_number: u8,
}

impl FirEntry {
    /// Bytes on the wire.
    pub const LEN: usize = 8;
}

impl From<[u8; Self::LEN]> for FirEntry {
    fn from([a, b, c, d, sequence_number, ..]: [u8; Self::LEN]) -> Self {
        Self { ssrc: Ssrc::from([a, b, c, d]), sequence_number }
    }
}

impl From<FirEntry> for [u8; FirEntry::LEN] {
    fn from(entry: FirEntry) -> Self {
        let [a, b, c, d] = entry.ssrc.into();
        [a, b, c, d, entry.sequence_number, 0, 0, 0]
    }
}

impl<'a> Fir<'a> {
    /// The packet type.
    pub const TYPE: PacketType = PacketType::PAYLOAD_FEEDBACK;
    /// The format of feedback.
    pub const FORMAT: u8 = 4;

    /// Reads the body.
    ///
    /// # Errors
    ///
    /// Truncated, or without an entry.
    pub fn parse(frame: Frame<'a>) -> Result<Self, ParseError> {
        let mut rest = frame.body;
        let sender_ssrc = Ssrc(take_u32(&mut rest)?);
        take_u32(&mut rest)?;
        let (entries, behind) = List::split(rest);
        if entries.is_empty() || !behind.is_empty() {
            return Err(ParseError::truncated(FirEntry::LEN, behind.len()));
        }
        Ok(Self { sender_ssrc, entries })
    }

    /// Appends the packet.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_frame(Self::FORMAT, Self::TYPE, out, |out| {
            out.extend_from_slice(&self.sender_ssrc.0.to_be_bytes());
            out.extend_from_slice(&[0; 4]);
            self.entries.write_up_to((Frame::MAX_BODY - 8) / FirEntry::LEN, out);
        });
    }
}
