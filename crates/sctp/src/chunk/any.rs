//! Any chunk: the type decides who reads it, RFC 9260 §3.2.

use super::{
    Abort, CookieAck, CookieEcho, Data, Error, ForwardTsn, Heartbeat, HeartbeatAck, IData,
    IForwardTsn, Init, InitAck, Pad, ReConfig, Sack, Shutdown, ShutdownAck, ShutdownComplete,
    Unknown,
};
use crate::wire::{ParseError, Tlv, Tlvs};

macro_rules! chunks {
    ($($name:ident $(<$life:lifetime>)?),+ $(,)?) => {
        /// One chunk.
        #[expect(missing_docs, reason = "each variant is the type of its name")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Chunk<'a> {
            $($name($name $(<$life>)?),)+
            Unknown(Unknown<'a>),
        }

        impl<'a> Chunk<'a> {
            fn parse(tlv: Tlv<'a>) -> Result<Self, ParseError> {
                let [kind, flags] = tlv.head;
                Ok(match kind {
                    $($name::TYPE => Self::$name($name::parse(flags, tlv.value)?),)+
                    _ => Self::Unknown(Unknown::new(kind, tlv.whole)),
                })
            }

            /// Appends the chunk, padded.
            pub fn write(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$name(chunk) => chunk.write(out),)+
                    Self::Unknown(chunk) => chunk.write(out),
                }
            }
        }
    };
}

chunks!(
    Data<'a>,
    Init<'a>,
    InitAck<'a>,
    Sack<'a>,
    Heartbeat<'a>,
    HeartbeatAck<'a>,
    Abort<'a>,
    Shutdown,
    ShutdownAck,
    Error<'a>,
    CookieEcho<'a>,
    CookieAck,
    ShutdownComplete,
    ReConfig<'a>,
    Pad,
    ForwardTsn<'a>,
    IData<'a>,
    IForwardTsn<'a>,
);

/// The chunks of a packet in their order. Ends after the first that is malformed.
#[derive(Clone, Copy, Debug)]
pub struct Chunks<'a>(Tlvs<'a>);

impl<'a> Chunks<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(Tlvs::new(bytes))
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Result<Chunk<'a>, ParseError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        Some(self.0.next()?.and_then(Chunk::parse))
    }
}
