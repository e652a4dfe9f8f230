//! INIT: asks for an association, RFC 9260 §3.3.2.

use crate::ids::Tag;
use crate::parameter::Parameters;
use crate::serial::Tsn;
use crate::wire::{ParseError, Reader, write_tlv};

/// INIT.
///
/// ```text
/// +---------------+---------------+-------------------------------+
/// |    type = 1   |       0       |            length             |
/// +---------------+---------------+-------------------------------+
/// |                         initiate tag                          |
/// +---------------------------------------------------------------+
/// |               advertised receiver window credit               |
/// +-------------------------------+-------------------------------+
/// |       outbound streams        |        inbound streams        |
/// +-------------------------------+-------------------------------+
/// |                          initial TSN                          |
/// +---------------------------------------------------------------+
/// |                         parameters …                          |
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Init<'a> {
    /// What the other side puts into the verification tag of its packets.
    pub tag: Tag,
    /// Free bytes in the sender's receive buffer.
    pub window: u32,
    /// Streams the sender wants to send on.
    pub outbound_streams: u16,
    /// Streams the sender is able to receive on.
    pub inbound_streams: u16,
    /// Number of the first DATA chunk it sends.
    pub initial_tsn: Tsn,
    /// What follows.
    pub parameters: Parameters<'a>,
}

impl<'a> Init<'a> {
    /// Chunk type.
    pub const TYPE: u8 = 1;

    pub(crate) fn parse(_flags: u8, value: &'a [u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(value);
        Ok(Self {
            tag: Tag(reader.u32()?),
            window: reader.u32()?,
            outbound_streams: reader.u16()?,
            inbound_streams: reader.u16()?,
            initial_tsn: Tsn(reader.u32()?),
            parameters: Parameters::parse(reader.rest())?,
        })
    }

    /// Appends the chunk, padded.
    pub fn write(&self, out: &mut Vec<u8>) {
        write_tlv(out, [Self::TYPE, 0], |out| self.write_value(out));
    }

    pub(super) fn write_value(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.tag.0.to_be_bytes());
        out.extend_from_slice(&self.window.to_be_bytes());
        out.extend_from_slice(&self.outbound_streams.to_be_bytes());
        out.extend_from_slice(&self.inbound_streams.to_be_bytes());
        out.extend_from_slice(&self.initial_tsn.0.to_be_bytes());
        out.extend_from_slice(self.parameters.as_bytes());
    }
}
