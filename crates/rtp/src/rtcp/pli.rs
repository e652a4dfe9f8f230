//! PLI: a picture was lost, RFC 4585 §6.3.1.

use super::frame::write_frame;
use super::{Frame, PacketType};
use crate::wire::take_u32;
use crate::{ParseError, Ssrc};

/// A picture loss indication: the sender does best to send a whole picture.
///
/// ```text
/// +---+-+---------+---------------+-------------------------------+
/// |V=2|P|    1    |      206      |            length             |
/// +---+-+---------+---------------+-------------------------------+
/// |                         SSRC of sender                        |
/// +---------------------------------------------------------------+
/// |                      SSRC of media source                     |
/// +---------------------------------------------------------------+
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pli {
    /// Who lost it.
    pub sender_ssrc: Ssrc,
    /// The stream that it lost.
    pub media_ssrc: Ssrc,
}

impl Pli {
    /// The packet type.
    pub const TYPE: PacketType = PacketType::PAYLOAD_FEEDBACK;
    /// The format of feedback.
    pub const FORMAT: u8 = 1;

    /// Reads the body.
    ///
    /// # Errors
    ///
    /// Truncated.
    pub fn parse(frame: Frame<'_>) -> Result<Self, ParseError> {
        let mut rest = frame.body;
        let sender_ssrc = Ssrc(take_u32(&mut rest)?);
        Ok(Self { sender_ssrc, media_ssrc: Ssrc(take_u32(&mut rest)?) })
    }

    /// Appends the packet.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_frame(Self::FORMAT, Self::TYPE, out, |out| {
            out.extend_from_slice(&self.sender_ssrc.0.to_be_bytes());
            out.extend_from_slice(&self.media_ssrc.0.to_be_bytes());
        });
    }
}
