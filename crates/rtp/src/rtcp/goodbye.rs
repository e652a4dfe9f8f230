//! BYE: sources that leave, RFC 3550 §6.6.

use super::frame::write_frame;
use super::{Frame, List, PacketType};
use crate::wire::{take_slice, take_u8};
use crate::{ParseError, Ssrc};

/// A goodbye.
///
/// ```text
/// +---+-+---------+---------------+-------------------------------+
/// |V=2|P|  count  |      203      |            length             |
/// +---+-+---------+---------------+-------------------------------+
/// | SSRCs …                                                       |
/// +---------------+-----------------------------------------------+
/// |   its length  |  reason …, if there is one
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Goodbye<'a> {
    /// Who leaves; the first 31 are written.
    pub sources: List<'a, Ssrc, 4>,
    /// Why, in UTF-8; the first 255 bytes are written.
    pub reason: Option<&'a [u8]>,
}

impl<'a> Goodbye<'a> {
    /// The packet type.
    pub const TYPE: PacketType = PacketType::GOODBYE;
    const MAX_SOURCES: u8 = 31;

    /// Reads the body.
    ///
    /// # Errors
    ///
    /// Truncated.
    pub fn parse(frame: Frame<'a>) -> Result<Self, ParseError> {
        let mut rest = frame.body;
        let sources = take_slice(&mut rest, usize::from(frame.count).wrapping_mul(4))?;
        let reason = match take_u8(&mut rest) {
            Ok(len) => Some(take_slice(&mut rest, usize::from(len))?),
            Err(_) => None,
        };
        Ok(Self { sources: List::split(sources).0, reason })
    }

    /// Appends the packet.
    pub fn write(&self, out: &mut Vec<u8>) {
        let count = self.sources.len().min(usize::from(Self::MAX_SOURCES));
        write_frame(u8::try_from(count).unwrap_or_default(), Self::TYPE, out, |out| {
            self.sources.write(Self::MAX_SOURCES, out);
            if let Some(reason) = self.reason {
                let len = u8::try_from(reason.len()).unwrap_or(u8::MAX);
                out.push(len);
                out.extend(reason.iter().take(usize::from(len)));
                // RFC 3550 §6.6: zeros up to a whole word, which are not padding.
                let filled = usize::from(len).wrapping_add(1).next_multiple_of(4);
                let zeros = filled.wrapping_sub(usize::from(len)).wrapping_sub(1);
                out.resize(out.len().saturating_add(zeros), 0);
            }
        });
    }
}
