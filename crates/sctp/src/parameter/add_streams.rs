//! Add Outgoing Streams and Add Incoming Streams: more streams, RFC 6525 §4.5, §4.6.

use crate::serial::RequestNumber;
use crate::wire::{ParseError, Reader, write_tlv};

macro_rules! add_streams {
    ($(#[$doc:meta])* $name:ident, $kind:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name {
            /// Number of this request.
            pub request: RequestNumber,
            /// How many more.
            pub count: u16,
        }

        impl $name {
            /// Parameter type.
            pub const TYPE: u16 = $kind;

            pub(crate) fn parse(value: &[u8]) -> Result<Self, ParseError> {
                let mut reader = Reader::new(value);
                Ok(Self { request: RequestNumber(reader.u32()?), count: reader.u16()? })
            }

            /// Appends the parameter.
            pub fn write(&self, out: &mut Vec<u8>) {
                write_tlv(out, Self::TYPE.to_be_bytes(), |out| {
                    out.extend_from_slice(&self.request.0.to_be_bytes());
                    out.extend_from_slice(&self.count.to_be_bytes());
                    out.extend_from_slice(&[0; 2]);
                });
            }
        }
    };
}

add_streams!(
    /// Add Outgoing Streams Request: its sender wants to send on more.
    AddOutgoingStreams, 17
);
add_streams!(
    /// Add Incoming Streams Request: its receiver is to send on more.
    AddIncomingStreams, 18
);
