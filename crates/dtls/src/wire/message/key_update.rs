//! KeyUpdate, RFC 8446 §4.6.3.

use crate::wire::{ParseError, Reader};

/// The sender has new keys from the next epoch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyUpdate {
    /// That is all.
    NotRequested,
    /// It wants the receiver to do the same.
    Requested,
}

impl KeyUpdate {
    pub(crate) fn parse(body: &[u8]) -> Result<Self, ParseError> {
        match Reader::all(body, Reader::u8)? {
            0 => Ok(Self::NotRequested),
            1 => Ok(Self::Requested),
            other => Err(ParseError::Value(u16::from(other))),
        }
    }

    pub(crate) fn write(self, out: &mut Vec<u8>) {
        out.push(match self {
            Self::NotRequested => 0,
            Self::Requested => 1,
        });
    }
}
