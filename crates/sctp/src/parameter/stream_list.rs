//! A list of streams at the end of a re-configuration request, RFC 6525 §4.1, §4.2.

use crate::ids::StreamId;
use crate::wire::ParseError;

/// Streams. None means all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamList<'a>(&'a [u8]);

impl<'a> StreamList<'a> {
    /// A list whose ids are encoded already, two bytes each.
    pub fn new(encoded: &'a [u8]) -> Self {
        Self(encoded)
    }

    pub(super) fn parse(kind: u16, bytes: &'a [u8]) -> Result<Self, ParseError> {
        match bytes.len() % 2 {
            0 => Ok(Self(bytes)),
            _ => Err(ParseError::BadLength { kind, length: bytes.len() }),
        }
    }

    /// Whether it names none.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The streams in their order.
    pub fn iter(self) -> impl Iterator<Item = StreamId> + use<'a> {
        self.0.as_chunks::<2>().0.iter().map(|&id| StreamId(u16::from_be_bytes(id)))
    }

    pub(super) fn as_bytes(self) -> &'a [u8] {
        self.0
    }
}
