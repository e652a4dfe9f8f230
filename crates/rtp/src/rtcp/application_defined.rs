//! APP: what an application defines, RFC 3550 §6.7.

use super::frame::write_frame;
use super::{Frame, PacketType};
use crate::wire::{take, take_u32};
use crate::{ParseError, Ssrc};

/// A packet whose meaning its name says.
///
/// ```text
/// +---+-+---------+---------------+-------------------------------+
/// |V=2|P| subtype |      204      |            length             |
/// +---+-+---------+---------------+-------------------------------+
/// |                             SSRC                              |
/// +---------------------------------------------------------------+
/// |                         name, in ASCII                        |
/// +---------------------------------------------------------------+
/// | data …
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ApplicationDefined<'a> {
    /// 0 to 31: its five low bits are written.
    pub subtype: u8,
    /// Whose packet it is.
    pub ssrc: Ssrc,
    /// Four letters.
    pub name: [u8; 4],
    /// In whole words.
    pub data: &'a [u8],
}

impl<'a> ApplicationDefined<'a> {
    /// The packet type.
    pub const TYPE: PacketType = PacketType::APPLICATION_DEFINED;

    /// Reads the body.
    ///
    /// # Errors
    ///
    /// Truncated.
    pub fn parse(frame: Frame<'a>) -> Result<Self, ParseError> {
        let mut rest = frame.body;
        let (ssrc, name) = (Ssrc(take_u32(&mut rest)?), take(&mut rest)?);
        Ok(Self { subtype: frame.count, ssrc, name, data: rest })
    }

    /// Appends the packet.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_frame(self.subtype, Self::TYPE, out, |out| {
            out.extend_from_slice(&self.ssrc.0.to_be_bytes());
            out.extend_from_slice(&self.name);
            out.extend_from_slice(self.data);
        });
    }
}
