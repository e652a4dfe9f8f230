//! The Data Channel Establishment Protocol's two messages, RFC 8832 §5.
//!
//! ```text
//!  0                   1                   2                   3
//!  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |  Type = 0x03  | Channel Type  |            Priority           |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |                    Reliability Parameter                      |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |         Label Length          |       Protocol Length         |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! |  Label …                                                      |
//! |  Protocol …                                                   |
//! +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//! ```
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use thiserror::Error;

const TYPE_ACK: u8 = 0x02;
const TYPE_OPEN: u8 = 0x03;
const UNORDERED: u8 = 0x80;
/// Bytes of an OPEN before its texts.
const HEADER: usize = 12;

/// A message with the payload protocol identifier "WebRTC DCEP" (50).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dcep<'a> {
    /// DATA_CHANNEL_OPEN, RFC 8832 §5.1.
    Open(Open<'a>),
    /// DATA_CHANNEL_ACK, RFC 8832 §5.2.
    Ack,
}

/// DATA_CHANNEL_OPEN: what the channel will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open<'a> {
    /// Messages are delivered in order.
    pub ordered: bool,
    /// How hard delivery is tried.
    pub reliability: Reliability,
    /// Weight among channels, RFC 8831 §6.4.
    pub priority: u16,
    /// Names the channel; need not be unique.
    pub label: &'a str,
    /// A subprotocol's name, or empty.
    pub protocol: &'a str,
}

/// The channel type without its order bit, and its parameter (RFC 8832 §8.2.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reliability {
    /// Every message arrives.
    #[default]
    Reliable,
    /// A message is retransmitted so many times at most.
    MaxRetransmits(u32),
    /// A message is given up after so many milliseconds.
    MaxLifetime(u32),
}

/// Why bytes are not a DCEP message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ParseError {
    /// Shorter than its fields say.
    #[error("DCEP message of {had} bytes, {needed} needed")]
    Truncated {
        /// Bytes that its fields ask for.
        needed: usize,
        /// Bytes that are there.
        had: usize,
    },
    /// Neither OPEN nor ACK.
    #[error("DCEP message type {0:#04x}")]
    MessageType(u8),
    /// A channel type that RFC 8832 does not define.
    #[error("DCEP channel type {0:#04x}")]
    ChannelType(u8),
    /// Label or protocol is not UTF-8.
    #[error("DCEP text is not UTF-8")]
    Text,
}

impl<'a> Dcep<'a> {
    /// Reads one message. Bytes behind it are ignored.
    ///
    /// # Errors
    ///
    /// It is truncated, of unknown type, or its text is not UTF-8.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        match bytes.first() {
            None => Err(ParseError::Truncated { needed: 1, had: 0 }),
            Some(&TYPE_ACK) => Ok(Self::Ack),
            Some(&TYPE_OPEN) => Open::parse(bytes).map(Self::Open),
            Some(&other) => Err(ParseError::MessageType(other)),
        }
    }

    /// Appends the message.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Ack => out.push(TYPE_ACK),
            Self::Open(open) => open.write(out),
        }
    }
}

impl<'a> Open<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        let had = bytes.len();
        let truncated = |needed| ParseError::Truncated { needed, had };
        let (&[_, kind, p0, p1, r0, r1, r2, r3, l0, l1, q0, q1], text) =
            bytes.split_first_chunk::<HEADER>().ok_or(truncated(HEADER))?;
        let label_len = usize::from(u16::from_be_bytes([l0, l1]));
        let protocol_len = usize::from(u16::from_be_bytes([q0, q1]));
        let needed = HEADER.saturating_add(label_len).saturating_add(protocol_len);
        let (label, rest) = text.split_at_checked(label_len).ok_or(truncated(needed))?;
        let protocol = rest.get(..protocol_len).ok_or(truncated(needed))?;
        let parameter = u32::from_be_bytes([r0, r1, r2, r3]);
        let reliability = match kind & !UNORDERED {
            0x00 => Reliability::Reliable,
            0x01 => Reliability::MaxRetransmits(parameter),
            0x02 => Reliability::MaxLifetime(parameter),
            _ => return Err(ParseError::ChannelType(kind)),
        };
        Ok(Self {
            ordered: kind & UNORDERED == 0,
            reliability,
            priority: u16::from_be_bytes([p0, p1]),
            label: core::str::from_utf8(label).map_err(|_| ParseError::Text)?,
            protocol: core::str::from_utf8(protocol).map_err(|_| ParseError::Text)?,
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        let (kind, parameter) = match self.reliability {
            Reliability::Reliable => (0x00, 0),
            Reliability::MaxRetransmits(n) => (0x01, n),
            Reliability::MaxLifetime(ms) => (0x02, ms),
        };
        let label = truncated_text(self.label);
        let protocol = truncated_text(self.protocol);
        out.extend([TYPE_OPEN, if self.ordered { kind } else { kind | UNORDERED }]);
        out.extend(self.priority.to_be_bytes());
        out.extend(parameter.to_be_bytes());
        out.extend(len16(label).to_be_bytes());
        out.extend(len16(protocol).to_be_bytes());
        out.extend(label.as_bytes());
        out.extend(protocol.as_bytes());
    }
}

/// The text, or as much of it as a 16-bit length can say. Channels check the length when they are
/// created, so nothing is cut in practice.
fn truncated_text(text: &str) -> &str {
    const MAX: usize = 65_535;
    // A character has four bytes at most: one of four neighbouring places is a boundary.
    [MAX, MAX - 1, MAX - 2, MAX - 3]
        .into_iter()
        .find_map(|end| text.get(..end.min(text.len())))
        .unwrap_or_default()
}

/// The length of a text that [`truncated_text`] has bounded.
fn len16(text: &str) -> u16 {
    u16::try_from(text.len()).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, any, prop_oneof, proptest};

    use super::*;

    #[test]
    fn open_is_laid_out_as_in_rfc_8832() {
        let open = Open {
            ordered: false,
            reliability: Reliability::MaxRetransmits(3),
            priority: 256,
            label: "chat",
            protocol: "p",
        };
        let mut out = Vec::new();
        Dcep::Open(open.clone()).write(&mut out);
        assert_eq!(out, *b"\x03\x81\x01\x00\x00\x00\x00\x03\x00\x04\x00\x01chatp");
        assert_eq!(Dcep::parse(&out), Ok(Dcep::Open(open)));
    }

    #[test]
    fn refuses_what_is_not_dcep() {
        let table: [(&[u8], ParseError); 6] = [
            (b"", ParseError::Truncated { needed: 1, had: 0 }),
            (b"\x01", ParseError::MessageType(1)),
            (b"\x03\x00", ParseError::Truncated { needed: 12, had: 2 }),
            (b"\x03\x03\0\0\0\0\0\0\0\0\0\0", ParseError::ChannelType(3)),
            (b"\x03\x00\0\0\0\0\0\0\0\x02\0\x01ab", ParseError::Truncated { needed: 15, had: 14 }),
            (b"\x03\x00\0\0\0\0\0\0\0\x01\0\x00\xff", ParseError::Text),
        ];
        for (bytes, error) in table {
            assert_eq!(Dcep::parse(bytes), Err(error), "{bytes:?}");
        }
    }

    #[test]
    fn text_that_is_too_long_is_cut_at_a_character() {
        let label = "ä".repeat(40_000);
        let open = Open {
            ordered: true,
            reliability: Reliability::Reliable,
            priority: 0,
            label: &label,
            protocol: "",
        };
        let mut out = Vec::new();
        Dcep::Open(open).write(&mut out);
        assert!(matches!(Dcep::parse(&out), Ok(Dcep::Open(o)) if o.label.len() == 65_534));
    }

    proptest! {
        #[test]
        fn any_bytes_are_harmless(bytes: Vec<u8>) {
            let _ = Dcep::parse(&bytes);
        }

        #[test]
        fn what_is_written_is_read(
            ordered: bool,
            reliability in prop_oneof![
                proptest::strategy::Just(Reliability::Reliable),
                any::<u32>().prop_map(Reliability::MaxRetransmits),
                any::<u32>().prop_map(Reliability::MaxLifetime),
            ],
            priority: u16,
            label: String,
            protocol: String,
        ) {
            let open = Open { ordered, reliability, priority, label: &label, protocol: &protocol };
            let mut out = Vec::new();
            Dcep::Open(open.clone()).write(&mut out);
            assert_eq!(Dcep::parse(&out), Ok(Dcep::Open(open)));
        }
    }
}
