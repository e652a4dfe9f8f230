//! Record headers, RFC 6347 §4.1 and RFC 9147 §4.
//!
//! ```text
//! DTLSPlaintext, and every record of DTLS 1.2       DTLSCiphertext of DTLS 1.3
//! +------+---------+-------+----------+--------+    +----------+-----+------+--------+
//! | type | version | epoch | sequence | length |    |001CSLEE  | cid | seq  | length |
//! +------+---------+-------+----------+--------+    +----------+-----+------+--------+
//!    1        2        2        6         2              1        -   1 or 2  0 or 2
//! ```

use crate::{Discard, ProtocolVersion};

/// Bytes of the header of a record without protection, and of every record of DTLS 1.2.
pub(crate) const HEADER_12: usize = 13;
/// Bytes of the header of the DTLS 1.3 records that we send: no connection id, a sequence number of
/// two bytes, a length.
pub(crate) const HEADER_13: usize = 5;
/// What a record of DTLS 1.0 calls itself, and a first ClientHello may.
pub(crate) const DTLS_10: u16 = 0xFEFF;

/// A record's header: what kind of record, and how far it reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordHeader {
    pub(crate) kind: ContentType,
    pub(crate) epoch: Epoch,
    /// Bytes of the header.
    pub(crate) header: usize,
    /// Bytes of header and body.
    pub(crate) len: usize,
}

/// The content type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ContentType {
    ChangeCipherSpec,
    Alert,
    Handshake,
    ApplicationData,
    Ack,
    /// DTLS 1.3 hides it in the ciphertext.
    Hidden,
}

/// What the header says of the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Epoch {
    /// All of it.
    Full { epoch: u16, sequence: u64 },
    /// Its two lowest bits.
    Low(u8),
}

impl Epoch {
    /// A record without protection.
    pub(crate) fn is_plain(self) -> bool {
        matches!(self, Self::Full { epoch: 0, .. })
    }
}

impl ContentType {
    /// The number on the wire, or behind the plaintext of DTLS 1.3.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::ChangeCipherSpec => 20,
            Self::Alert => 21,
            Self::Handshake => 22,
            Self::ApplicationData => 23,
            Self::Ack => 26,
            Self::Hidden => 0,
        }
    }

    /// What a number behind a plaintext means.
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        match number {
            20 => Some(Self::ChangeCipherSpec),
            21 => Some(Self::Alert),
            22 => Some(Self::Handshake),
            23 => Some(Self::ApplicationData),
            26 => Some(Self::Ack),
            _ => None,
        }
    }
}

impl RecordHeader {
    /// Reads the header at the beginning of `bytes` and checks that the whole record is there.
    // Its result is taken apart at once. On the way through memory, written in small pieces and read
    // in large ones, that would take longer than the parsing.
    #[inline(always)]
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Discard> {
        let first = *bytes.first().ok_or(Discard::Truncated { needed: 1, had: 0 })?;
        let header = match first {
            20..=23 | 26 => Self::parse_plaintext(first, bytes)?,
            32..=63 => Self::parse_unified(first, bytes)?,
            _ => return Err(Discard::NotDtls { first }),
        };
        if header.len > bytes.len() {
            return Err(Discard::Truncated { needed: header.len, had: bytes.len() });
        }
        Ok(header)
    }

    fn parse_plaintext(first: u8, bytes: &[u8]) -> Result<Self, Discard> {
        let truncated = Discard::Truncated { needed: HEADER_12, had: bytes.len() };
        let (&[_, v0, v1, e0, e1, s0, s1, s2, s3, s4, s5, l0, l1], _) =
            bytes.split_first_chunk::<HEADER_12>().ok_or(truncated)?;
        let version = u16::from_be_bytes([v0, v1]);
        // A first ClientHello may call itself DTLS 1.0 (RFC 9147 §4.1), and so does an alert of
        // who has said no more than that.
        let modest = matches!(first, 21 | 22) && (e0, e1) == (0, 0);
        if version != ProtocolVersion::Dtls12.wire() && !(modest && version == DTLS_10) {
            return Err(Discard::Version { version });
        }
        let kind = ContentType::from_number(first).ok_or(Discard::NotDtls { first })?;
        let epoch = Epoch::Full {
            epoch: u16::from_be_bytes([e0, e1]),
            sequence: u64::from_be_bytes([0, 0, s0, s1, s2, s3, s4, s5]),
        };
        let body = usize::from(u16::from_be_bytes([l0, l1]));
        let len = HEADER_12.saturating_add(body);
        Ok(Self { kind, epoch, header: HEADER_12, len })
    }

    fn parse_unified(first: u8, bytes: &[u8]) -> Result<Self, Discard> {
        let flag = |bit: u8| first & bit != 0;
        // RFC 9147 §9: connection ids appear in records only after they have been agreed on.
        if flag(0x10) {
            return Err(Discard::NotDtls { first });
        }
        let before_length = if flag(0x08) { 3 } else { 2 };
        let (header, len) = if flag(0x04) {
            let header: usize = if flag(0x08) { 5 } else { 4 };
            let truncated = Discard::Truncated { needed: header, had: bytes.len() };
            let (&[l0, l1], _) =
                bytes.get(before_length..).and_then(<[u8]>::split_first_chunk).ok_or(truncated)?;
            (header, header.saturating_add(usize::from(u16::from_be_bytes([l0, l1]))))
        } else {
            // It reaches to the end of the datagram.
            (before_length, bytes.len().max(before_length))
        };
        Ok(Self { kind: ContentType::Hidden, epoch: Epoch::Low(first & 0x03), header, len })
    }
}

/// The header of a record with `body` bytes behind it, by DTLS 1.2 or without protection.
pub(crate) fn header_12(
    kind: ContentType,
    epoch: u16,
    sequence: u64,
    body: u16,
) -> [u8; HEADER_12] {
    header_of(ProtocolVersion::Dtls12.wire(), kind, epoch, sequence, body)
}

/// The same, of a record that calls itself `version`.
pub(crate) fn header_of(
    version: u16,
    kind: ContentType,
    epoch: u16,
    sequence: u64,
    body: u16,
) -> [u8; HEADER_12] {
    let [v0, v1] = version.to_be_bytes();
    let [e0, e1] = epoch.to_be_bytes();
    let [_, _, s0, s1, s2, s3, s4, s5] = sequence.to_be_bytes();
    let [l0, l1] = body.to_be_bytes();
    [kind.number(), v0, v1, e0, e1, s0, s1, s2, s3, s4, s5, l0, l1]
}

/// The header of a record of DTLS 1.3 with `body` bytes behind it, its number not yet hidden.
pub(crate) fn header_13(epoch: u64, sequence: u64, body: u16) -> [u8; HEADER_13] {
    let [.., low] = epoch.to_be_bytes();
    let [.., s0, s1] = sequence.to_be_bytes();
    let [l0, l1] = body.to_be_bytes();
    [0x2C | (low & 3), s0, s1, l0, l1]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_both_kinds_of_header() {
        let record = [22, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 2, 3, 0, 2, 7, 7, 99];
        let expected = RecordHeader {
            kind: ContentType::Handshake,
            epoch: Epoch::Full { epoch: 1, sequence: 0x0203 },
            header: 13,
            len: 15,
        };
        assert_eq!(RecordHeader::parse(&record), Ok(expected));
        let hidden = |epoch, header, len| {
            Ok(RecordHeader { kind: ContentType::Hidden, epoch: Epoch::Low(epoch), header, len })
        };
        for (record, expected) in [
            (&[0x2E, 1, 2, 0, 1, 9, 99][..], hidden(2, 5, 6)),
            (&[0x27, 1, 0, 1, 9, 99], hidden(3, 4, 5)),
            // Without a length it is all the rest.
            (&[0x2B, 1, 2, 9, 99], hidden(3, 3, 5)),
            (&[0x20, 1, 9, 99], hidden(0, 2, 4)),
        ] {
            assert_eq!(RecordHeader::parse(record), expected, "{record:?}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let truncated = |needed, had| Err(Discard::Truncated { needed, had });
        for (record, expected) in [
            (&[][..], truncated(1, 0)),
            (&[23], truncated(13, 1)),
            (&[23, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 7], truncated(15, 14)),
            (&[0x2E, 1, 2, 0], truncated(5, 4)),
            (&[0x2B, 1], truncated(3, 2)),
            (&[0], Err(Discard::NotDtls { first: 0 })),
            (&[0x3F, 1, 2, 3], Err(Discard::NotDtls { first: 0x3F })),
            (&[23, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], Err(Discard::Version { version: 0x0303 })),
            // Only the beginning may be that modest.
            (
                &[23, 0xFE, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                Err(Discard::Version { version: DTLS_10 }),
            ),
        ] {
            assert_eq!(RecordHeader::parse(record), expected, "{record:?}");
        }
        for first in [21, 22] {
            let modest = [first, 0xFE, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            assert!(RecordHeader::parse(&modest).is_ok());
        }
    }

    #[test]
    fn headers_that_are_written_can_be_read() {
        let mut record = header_12(ContentType::Alert, 1, 0x0001_0203_0405, 2).to_vec();
        record.extend_from_slice(&[0; 2]);
        let expected = RecordHeader {
            kind: ContentType::Alert,
            epoch: Epoch::Full { epoch: 1, sequence: 0x0001_0203_0405 },
            header: HEADER_12,
            len: 15,
        };
        assert_eq!(RecordHeader::parse(&record), Ok(expected));
        let mut record = header_13(7, 0x0102_0304, 3).to_vec();
        assert_eq!(record, [0x2F, 3, 4, 0, 3]);
        record.extend_from_slice(&[0; 3]);
        let expected =
            RecordHeader { kind: ContentType::Hidden, epoch: Epoch::Low(3), header: 5, len: 8 };
        assert_eq!(RecordHeader::parse(&record), Ok(expected));
    }

    proptest! {
        #[test]
        fn records_lie_within_their_datagram(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(header) = RecordHeader::parse(&bytes) {
                prop_assert!(header.header <= header.len && header.len <= bytes.len());
                prop_assert!(header.len > 0);
            }
        }
    }
}
