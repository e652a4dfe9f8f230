//! Record headers, RFC 6347 §4.1 and RFC 9147 §4.
//!
//! ```text
//! DTLSPlaintext, and every record of DTLS 1.2       DTLSCiphertext of DTLS 1.3
//! +------+---------+-------+----------+--------+    +----------+-----+------+--------+
//! | type | version | epoch | sequence | length |    |001CSLEE  | cid | seq  | length |
//! +------+---------+-------+----------+--------+    +----------+-----+------+--------+
//!    1        2        2        6         2              1        -   1 or 2  0 or 2
//! ```

use crate::{Alert, Discard, ProtocolVersion};

const PLAINTEXT_HEADER: usize = 13;
const DTLS_10: u16 = 0xFEFF;

/// A record's header: what kind of record, and how far it reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordHeader {
    pub(crate) kind: Kind,
    pub(crate) epoch: Epoch,
    /// Bytes of the header.
    pub(crate) header: usize,
    /// Bytes of header and body.
    pub(crate) len: usize,
}

/// The content type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
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
        self.plain_sequence().is_some()
    }

    /// The sequence number of a record without protection.
    pub(crate) fn plain_sequence(self) -> Option<u64> {
        match self {
            Self::Full { epoch: 0, sequence } => Some(sequence),
            _ => None,
        }
    }
}

impl RecordHeader {
    /// Reads the header at the beginning of `bytes` and checks that the whole record is there.
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
        let truncated = Discard::Truncated { needed: PLAINTEXT_HEADER, had: bytes.len() };
        let (&[_, v0, v1, e0, e1, s0, s1, s2, s3, s4, s5, l0, l1], _) =
            bytes.split_first_chunk::<PLAINTEXT_HEADER>().ok_or(truncated)?;
        let version = u16::from_be_bytes([v0, v1]);
        // A first ClientHello may call itself DTLS 1.0 (RFC 9147 §4.1).
        let hello = first == 22 && (e0, e1) == (0, 0);
        if version != ProtocolVersion::Dtls12.wire() && !(hello && version == DTLS_10) {
            return Err(Discard::Version { version });
        }
        let kind = match first {
            20 => Kind::ChangeCipherSpec,
            21 => Kind::Alert,
            22 => Kind::Handshake,
            23 => Kind::ApplicationData,
            _ => Kind::Ack,
        };
        let epoch = Epoch::Full {
            epoch: u16::from_be_bytes([e0, e1]),
            sequence: u64::from_be_bytes([0, 0, s0, s1, s2, s3, s4, s5]),
        };
        let body = usize::from(u16::from_be_bytes([l0, l1]));
        let len = PLAINTEXT_HEADER.saturating_add(body);
        Ok(Self { kind, epoch, header: PLAINTEXT_HEADER, len })
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
        Ok(Self { kind: Kind::Hidden, epoch: Epoch::Low(first & 0x03), header, len })
    }
}

/// A record with an alert, not protected: `close_notify` as a warning, all others as fatal.
pub(crate) fn plaintext_alert(alert: Alert, sequence: u64) -> [u8; 15] {
    let [v0, v1] = ProtocolVersion::Dtls12.wire().to_be_bytes();
    let [.., s0, s1, s2, s3, s4, s5] = sequence.to_be_bytes();
    let level = if alert == Alert::CLOSE_NOTIFY { 1 } else { 2 };
    [21, v0, v1, 0, 0, s0, s1, s2, s3, s4, s5, 0, 2, level, alert.0]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_both_kinds_of_header() {
        let record = [22, 0xFE, 0xFD, 0, 1, 0, 0, 0, 0, 2, 3, 0, 2, 7, 7, 99];
        let expected = RecordHeader {
            kind: Kind::Handshake,
            epoch: Epoch::Full { epoch: 1, sequence: 0x0203 },
            header: 13,
            len: 15,
        };
        assert_eq!(RecordHeader::parse(&record), Ok(expected));
        let hidden = |epoch, header, len| {
            Ok(RecordHeader { kind: Kind::Hidden, epoch: Epoch::Low(epoch), header, len })
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
            // Only a ClientHello may be that modest.
            (
                &[23, 0xFE, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                Err(Discard::Version { version: DTLS_10 }),
            ),
        ] {
            assert_eq!(RecordHeader::parse(record), expected, "{record:?}");
        }
        let hello = [22, 0xFE, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        assert!(RecordHeader::parse(&hello).is_ok());
    }

    #[test]
    fn alerts_are_records() {
        let record = plaintext_alert(Alert::BAD_CERTIFICATE, 0x0102);
        let header = RecordHeader::parse(&record).expect("a record");
        assert_eq!((header.kind, header.len), (Kind::Alert, 15));
        assert_eq!(header.epoch.plain_sequence(), Some(0x0102));
        assert_eq!(record[13..], [2, 42]);
        assert_eq!(plaintext_alert(Alert::CLOSE_NOTIFY, 0)[13..], [1, 0]);
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
