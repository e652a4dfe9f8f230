//! What of a DNS message concerns us, RFC 1035 §4.1 and RFC 6762 §18: questions and address records
//! of our kind of names. All that surrounds them is stepped over, once, and must be well-formed.
//!
//! ```text
//!  0       2       4       6       8       10      12
//! +-------+-------+-------+-------+-------+-------+----------- - -
//! |  id   | flags |questi.|answers|author.|additi.| as many of each
//! +-------+-------+-------+-------+-------+-------+----------- - -
//! ```
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::name::{LOCAL, Name};

/// QR: a response.
pub(crate) const RESPONSE: u16 = 0x8000;
/// AA: an authoritative answer, as all of mDNS are (RFC 6762 §18.4).
pub(crate) const AUTHORITATIVE: u16 = 0x0400;
/// OPCODE.
const OPCODE: u16 = 0x7800;
/// RCODE.
const RCODE: u16 = 0x000f;
/// The Internet.
pub(crate) const CLASS_IN: u16 = 1;
const CLASS_ANY: u16 = 255;
/// The top bit of a class: unicast wanted in a question (RFC 6762 §5.4), the only record of its
/// name and type in a response (RFC 6762 §10.2).
pub(crate) const TOP_BIT: u16 = 0x8000;
pub(crate) const TYPE_A: u16 = 1;
pub(crate) const TYPE_AAAA: u16 = 28;
pub(crate) const TYPE_NSEC: u16 = 47;
const TYPE_ANY: u16 = 255;
/// The most octets of a name on the wire, RFC 1035 §2.3.4.
const MAX_NAME: usize = 255;

/// Why a datagram is no DNS message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// It ends too early.
    #[error("truncated: {needed} bytes at {at}, of {had}")]
    Truncated {
        /// Where they should be.
        at: usize,
        /// How many are missing at least a part.
        needed: usize,
        /// The length of the message.
        had: usize,
    },
    /// A label is of a type that nobody uses.
    #[error("label of type {0:#04x}")]
    Label(u8),
    /// A pointer does not lead back.
    #[error("a pointer at {at} to {to}")]
    Pointer {
        /// Where it stands.
        at: usize,
        /// Where it leads.
        to: usize,
    },
    /// A name of more than 255 octets.
    #[error("a name that is too long at {0}")]
    Name(usize),
}

/// A message, as far as it concerns us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) id: u16,
    flags: u16,
    /// Those of our kind of names, for what an address record may answer.
    pub(crate) questions: Vec<Question>,
    /// Addresses of our kind of names, of all sections.
    pub(crate) records: Vec<Record>,
}

/// Somebody asks for an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) name: Name,
    pub(crate) kind: Kind,
    /// An answer by unicast would do.
    pub(crate) unicast: bool,
}

/// What somebody wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    A,
    Aaaa,
    Any,
    /// What our names do not have: SRV, HTTPS …
    Other(u16),
}

impl Kind {
    pub(crate) const fn number(self) -> u16 {
        match self {
            Self::A => TYPE_A,
            Self::Aaaa => TYPE_AAAA,
            Self::Any => TYPE_ANY,
            Self::Other(number) => number,
        }
    }

    /// Whether this address is an answer.
    pub(crate) const fn asks_for(self, address: IpAddr) -> bool {
        match self {
            Self::A => address.is_ipv4(),
            Self::Aaaa => address.is_ipv6(),
            Self::Any => true,
            Self::Other(_) => false,
        }
    }
}

/// An address of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) name: Name,
    pub(crate) address: IpAddr,
    /// Seconds; 0: it is no more (RFC 6762 §10.1).
    pub(crate) ttl: u32,
}

impl Message {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let mut reader = Reader { bytes, at: 0 };
        let mut message = Self { id: reader.u16()?, flags: reader.u16()?, ..Self::default() };
        let questions = reader.u16()?;
        let records = [reader.u16()?, reader.u16()?, reader.u16()?];
        for _ in 0..questions {
            message.questions.extend(reader.question()?);
        }
        for _ in 0..records.into_iter().map(u32::from).sum() {
            message.records.extend(reader.record()?);
        }
        Ok(message)
    }

    pub(crate) const fn is_response(&self) -> bool {
        self.flags & RESPONSE != 0
    }

    /// RFC 6762 §18.3 and §18.11: messages with other codes are ignored.
    pub(crate) const fn is_standard(&self) -> bool {
        self.flags & (OPCODE | RCODE) == 0
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, needed: usize) -> Result<&'a [u8], ParseError> {
        let (at, had) = (self.at, self.bytes.len());
        let truncated = ParseError::Truncated { at, needed, had };
        let end = at.checked_add(needed).ok_or(truncated)?;
        let taken = self.bytes.get(at..end).ok_or(truncated)?;
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ParseError> {
        let (at, had) = (self.at, self.bytes.len());
        let taken = self.take(N)?;
        taken.try_into().map_err(|_| ParseError::Truncated { at, needed: N, had })
    }

    fn u8(&mut self) -> Result<u8, ParseError> {
        self.array().map(u8::from_be_bytes)
    }

    fn u16(&mut self) -> Result<u16, ParseError> {
        self.array().map(u16::from_be_bytes)
    }

    fn question(&mut self) -> Result<Option<Question>, ParseError> {
        let name = self.name()?;
        let (kind, class) = (self.u16()?, self.u16()?);
        let kind = match kind {
            TYPE_A => Kind::A,
            TYPE_AAAA => Kind::Aaaa,
            TYPE_ANY => Kind::Any,
            other => Kind::Other(other),
        };
        let ours = matches!(class & !TOP_BIT, CLASS_IN | CLASS_ANY);
        let unicast = class & TOP_BIT != 0;
        Ok(name.filter(|_| ours).map(|name| Question { name, kind, unicast }))
    }

    fn record(&mut self) -> Result<Option<Record>, ParseError> {
        let name = self.name()?;
        let (kind, class) = (self.u16()?, self.u16()?);
        let ttl = self.array().map(u32::from_be_bytes)?;
        let length = self.u16()?;
        let data = self.take(length.into())?;
        let address = match kind {
            TYPE_A => <[u8; 4]>::try_from(data).ok().map(|a| IpAddr::V4(Ipv4Addr::from(a))),
            TYPE_AAAA => <[u8; 16]>::try_from(data).ok().map(|a| IpAddr::V6(Ipv6Addr::from(a))),
            _ => None,
        };
        let address = address.filter(|_| class & !TOP_BIT == CLASS_IN);
        Ok(name.zip(address).map(|(name, address)| Record { name, address, ttl }))
    }

    /// Steps over a name, and tells it if it is of our kind. Each pointer must lead further back
    /// than all before, so that it ends (RFC 1035 §4.1.4: to a prior occurrence).
    fn name(&mut self) -> Result<Option<Name>, ParseError> {
        let (start, mut earliest) = (self.at, self.at);
        // Where the reader goes on after the first pointer.
        let mut after = None;
        let (mut labels, mut length) = ([&[][..]; 2], 1usize);
        let mut count = 0usize;
        loop {
            let at = self.at;
            match self.u8()? {
                0 => break,
                high @ 0xc0.. => {
                    let to = usize::from(u16::from_be_bytes([high & 0x3f, self.u8()?]));
                    after.get_or_insert(self.at);
                    if to >= earliest {
                        return Err(ParseError::Pointer { at, to });
                    }
                    (self.at, earliest) = (to, to);
                }
                size @ ..0x40 => {
                    let label = self.take(size.into())?;
                    length = length.saturating_add(label.len()).saturating_add(1);
                    if length > MAX_NAME {
                        return Err(ParseError::Name(start));
                    }
                    if let Some(place) = labels.get_mut(count) {
                        *place = label;
                    }
                    count = count.saturating_add(1);
                }
                other => return Err(ParseError::Label(other)),
            }
        }
        self.at = after.unwrap_or(self.at);
        let [first, second] = labels;
        let ours = count == 2 && second.eq_ignore_ascii_case(LOCAL);
        Ok(Name::from_label(first).filter(|_| ours))
    }
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test may panic")]
mod tests;
