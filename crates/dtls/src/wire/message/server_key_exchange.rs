//! ServerKeyExchange with an ephemeral curve, RFC 8422 §5.4.
//!
//! ```text
//! named_curve 1 | group 2 | point 1+n | scheme 2 | signature 2+n
//! └──────── what is signed ─────────┘
//! ```

use super::CertificateVerify;
use crate::NamedGroup;
use crate::wire::{ParseError, Reader, writer};

const NAMED_CURVE: u8 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ServerKeyExchange<'a> {
    pub(crate) group: NamedGroup,
    pub(crate) share: &'a [u8],
    pub(crate) signed: CertificateVerify<'a>,
}

impl<'a> ServerKeyExchange<'a> {
    pub(crate) fn parse(body: &'a [u8]) -> Result<Self, ParseError> {
        Reader::all(body, |reader| {
            let curve_type = reader.u8()?;
            if curve_type != NAMED_CURVE {
                return Err(ParseError::Value(u16::from(curve_type)));
            }
            let group = NamedGroup(reader.u16()?);
            let share = reader.vector8()?;
            Ok(Self { group, share, signed: CertificateVerify::read(reader)? })
        })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        Self::write_parameters(self.group, self.share, out);
        self.signed.write(out);
    }

    /// The part that is signed.
    pub(crate) fn write_parameters(group: NamedGroup, share: &[u8], out: &mut Vec<u8>) {
        out.push(NAMED_CURVE);
        writer::u16(out, group.0);
        writer::vector8(out, |out| out.extend_from_slice(share));
    }
}
