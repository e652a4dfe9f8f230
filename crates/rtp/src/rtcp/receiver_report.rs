//! RR: what a receiver received, RFC 3550 §6.4.2.

use super::frame::write_frame;
use super::sender_report::{MAX_BLOCKS, count, take_blocks};
use super::{Frame, List, PacketType, ReportBlock};
use crate::wire::take_u32;
use crate::{ParseError, Ssrc};

/// A receiver report.
///
/// ```text
/// +---+-+---------+---------------+-------------------------------+
/// |V=2|P|  count  |      201      |            length             |
/// +---+-+---------+---------------+-------------------------------+
/// |                         SSRC of sender                        |
/// +---------------------------------------------------------------+
/// | report blocks …
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceiverReport<'a> {
    /// Whose report it is.
    pub ssrc: Ssrc,
    /// The streams that it receives; the first 31 are written.
    pub blocks: List<'a, ReportBlock, { ReportBlock::LEN }>,
    /// What a profile puts behind the blocks, in whole words.
    pub extension: &'a [u8],
}

impl<'a> ReceiverReport<'a> {
    /// The packet type.
    pub const TYPE: PacketType = PacketType::RECEIVER_REPORT;

    /// Reads the body.
    ///
    /// # Errors
    ///
    /// Truncated.
    pub fn parse(frame: Frame<'a>) -> Result<Self, ParseError> {
        let mut rest = frame.body;
        let ssrc = Ssrc(take_u32(&mut rest)?);
        let blocks = take_blocks(frame.count, &mut rest)?;
        Ok(Self { ssrc, blocks, extension: rest })
    }

    /// Appends the packet.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_frame(count(&self.blocks), Self::TYPE, out, |out| {
            out.extend_from_slice(&self.ssrc.0.to_be_bytes());
            self.blocks.write(MAX_BLOCKS, out);
            out.extend_from_slice(self.extension);
        });
    }
}
