//! Attributes as they lie in a message, RFC 8489 §14.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use core::fmt;

use crate::AttributeType;

/// An attribute whose value nobody has looked at yet.
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |             Type              |        Length of value        |
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |          Value, then 0 to 3 bytes of padding to 32 bits      ...
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RawAttribute<'a> {
    /// Its number.
    pub kind: AttributeType,
    /// Its value without padding.
    pub value: &'a [u8],
}

impl fmt::Debug for RawAttribute<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:02x?}", self.kind, self.value)
    }
}

/// The attributes of a message in their order.
#[derive(Clone, Copy, Debug)]
pub struct Attributes<'a>(pub(crate) &'a [u8]);

impl<'a> Iterator for Attributes<'a> {
    type Item = RawAttribute<'a>;

    #[inline]
    fn next(&mut self) -> Option<RawAttribute<'a>> {
        let (attribute, rest) = split_first(self.0).ok()?;
        self.0 = rest;
        Some(attribute)
    }
}

/// An attribute reaches beyond the message.
#[derive(Debug)]
pub(crate) struct Overrun {
    /// How many bytes it needs, from its first one.
    pub(crate) needed: usize,
}

/// Splits the first attribute off.
#[inline]
pub(crate) fn split_first(bytes: &[u8]) -> Result<(RawAttribute<'_>, &[u8]), Overrun> {
    let Some((&[t0, t1, l0, l1], body)) = bytes.split_first_chunk::<4>() else {
        return Err(Overrun { needed: 4 });
    };
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    let padded = length.next_multiple_of(4);
    match (body.get(..length), body.get(padded..)) {
        (Some(value), Some(rest)) => {
            let kind = AttributeType(u16::from_be_bytes([t0, t1]));
            Ok((RawAttribute { kind, value }, rest))
        }
        _ => Err(Overrun { needed: padded.saturating_add(4) }),
    }
}
