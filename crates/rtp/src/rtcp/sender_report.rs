//! SR: what a sender sent and received, RFC 3550 §6.4.1.

use super::frame::write_frame;
use super::{Frame, List, PacketType, ReportBlock};
use crate::ntp::NtpTime;
use crate::wire::{take, take_slice, take_u32};
use crate::{ParseError, Ssrc};

/// A sender report.
///
/// ```text
/// +---+-+---------+---------------+-------------------------------+
/// |V=2|P|  count  |      200      |            length             |
/// +---+-+---------+---------------+-------------------------------+
/// |                         SSRC of sender                        |
/// +---------------------------------------------------------------+
/// |                         NTP timestamp                         |
/// |                                                               |
/// +---------------------------------------------------------------+
/// |                         RTP timestamp                         |
/// +---------------------------------------------------------------+
/// |                         packets sent                          |
/// +---------------------------------------------------------------+
/// |                     bytes of payload sent                     |
/// +---------------------------------------------------------------+
/// | report blocks …
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SenderReport<'a> {
    /// Whose report it is.
    pub ssrc: Ssrc,
    /// When it was sent.
    pub ntp: NtpTime,
    /// The same time in units of the stream's clock.
    pub rtp_timestamp: u32,
    /// Packets sent since the beginning. It wraps.
    pub packet_count: u32,
    /// Bytes of payload sent since the beginning. It wraps.
    pub octet_count: u32,
    /// The streams that the sender receives; the first 31 are written.
    pub blocks: List<'a, ReportBlock, { ReportBlock::LEN }>,
    /// What a profile puts behind the blocks, in whole words.
    pub extension: &'a [u8],
}

impl<'a> SenderReport<'a> {
    /// The packet type.
    pub const TYPE: PacketType = PacketType::SENDER_REPORT;

    /// Reads the body.
    ///
    /// # Errors
    ///
    /// Truncated.
    pub fn parse(frame: Frame<'a>) -> Result<Self, ParseError> {
        let mut rest = frame.body;
        let ssrc = Ssrc(take_u32(&mut rest)?);
        let ntp = NtpTime(u64::from_be_bytes(take(&mut rest)?));
        let rtp_timestamp = take_u32(&mut rest)?;
        let (packet_count, octet_count) = (take_u32(&mut rest)?, take_u32(&mut rest)?);
        let blocks = take_blocks(frame.count, &mut rest)?;
        let extension = rest;
        Ok(Self { ssrc, ntp, rtp_timestamp, packet_count, octet_count, blocks, extension })
    }

    /// Appends the packet.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_frame(count(&self.blocks), Self::TYPE, out, |out| {
            out.extend_from_slice(&self.ssrc.0.to_be_bytes());
            out.extend_from_slice(&self.ntp.0.to_be_bytes());
            out.extend_from_slice(&self.rtp_timestamp.to_be_bytes());
            out.extend_from_slice(&self.packet_count.to_be_bytes());
            out.extend_from_slice(&self.octet_count.to_be_bytes());
            self.blocks.write(MAX_BLOCKS, out);
            out.extend_from_slice(self.extension);
        });
    }
}

/// What the five bits of the count can say.
pub(super) const MAX_BLOCKS: u8 = 31;

/// Takes as many report blocks as the header announces.
pub(super) fn take_blocks<'a>(
    count: u8,
    rest: &mut &'a [u8],
) -> Result<List<'a, ReportBlock, { ReportBlock::LEN }>, ParseError> {
    let bytes = take_slice(rest, usize::from(count).wrapping_mul(ReportBlock::LEN))?;
    Ok(List::split(bytes).0)
}

/// How many of the blocks are written.
pub(super) fn count(blocks: &List<'_, ReportBlock, { ReportBlock::LEN }>) -> u8 {
    u8::try_from(blocks.len()).map_or(MAX_BLOCKS, |len| len.min(MAX_BLOCKS))
}
