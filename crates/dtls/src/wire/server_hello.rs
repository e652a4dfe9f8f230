//! The cipher suite in a ServerHello, RFC 5246 §7.4.1.3 and RFC 8446 §4.1.3.
//!
//! ```text
//! handshake header 12 | version 2 | random 32 | session id 1 + 0..32 | cipher suite 2 | …
//! ```

use crate::CipherSuite;

use super::{Kind, RecordHeader};

const SERVER_HELLO: u8 = 2;
/// Version, random, session id, cipher suite at their longest.
const PREFIX: usize = 2 + 32 + 1 + 32 + 2;

/// Reads along until it has seen the cipher suite that the server chose.
///
/// The first ServerHello counts: it is the one that the handshake then depends on, and a forged
/// one makes the handshake fail. It may come in fragments, in order.
#[derive(Default)]
pub(crate) struct SuiteFinder {
    prefix: Vec<u8>,
    found: Option<CipherSuite>,
}

impl SuiteFinder {
    pub(crate) fn found(&self) -> Option<CipherSuite> {
        self.found
    }

    /// Looks at a record that went either way.
    pub(crate) fn look(&mut self, header: RecordHeader, record: &[u8]) {
        if self.found.is_none() && header.kind == Kind::Handshake && header.epoch.is_plain() {
            self.found = self.fragment(record.get(header.header..).unwrap_or_default());
        }
    }

    fn fragment(&mut self, body: &[u8]) -> Option<CipherSuite> {
        let (&[kind, _, _, _, _, _, o0, o1, o2, _, _, _], body) = body.split_first_chunk::<12>()?;
        let offset = u32::from_be_bytes([0, o0, o1, o2]);
        if kind != SERVER_HELLO {
            return None;
        }
        if offset == 0 {
            self.prefix.clear();
        }
        if u32::try_from(self.prefix.len()) != Ok(offset) {
            return None;
        }
        let room = PREFIX.saturating_sub(self.prefix.len());
        self.prefix.extend(body.iter().take(room));
        let session_id = usize::from(*self.prefix.get(34)?);
        let after = self.prefix.get(35..)?.get(session_id..)?;
        after.first_chunk().map(|&number| CipherSuite(u16::from_be_bytes(number)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A ServerHello in records that are cut at these places.
    fn fragments(session_id: u8, cuts: &[usize]) -> Vec<Vec<u8>> {
        let mut body = [&[0xFE, 0xFD][..], &[1; 32], &[session_id]].concat();
        body.resize(body.len() + usize::from(session_id), 2);
        body.extend_from_slice(&[0x13, 0x02, 0, 0, 0]);
        let mut edges = vec![0];
        edges.extend_from_slice(cuts);
        edges.push(body.len());
        let fragment = |edge: &[usize]| {
            let part = &body[edge[0]..edge[1]];
            let (total, at, len) = (body.len() as u8, edge[0] as u8, part.len() as u8);
            let message = [&[2, 0, 0, total, 0, 0, 0, 0, at, 0, 0, len], part].concat();
            let header = [22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, message.len() as u8];
            [&header[..], &message].concat()
        };
        edges.windows(2).map(fragment).collect()
    }

    fn found(records: &[Vec<u8>]) -> Option<CipherSuite> {
        let mut finder = SuiteFinder::default();
        for record in records {
            finder.look(RecordHeader::parse(record).expect("a record"), record);
        }
        finder.found()
    }

    #[test]
    fn finds_the_suite_behind_any_session_id() {
        for session_id in [0, 1, 32] {
            assert_eq!(found(&fragments(session_id, &[])), Some(CipherSuite(0x1302)));
            assert_eq!(found(&fragments(session_id, &[3, 35])), Some(CipherSuite(0x1302)));
        }
    }

    #[test]
    fn begins_again_when_the_message_does() {
        let mut records = fragments(0, &[20]);
        records.truncate(1);
        records.extend(fragments(0, &[20]));
        assert_eq!(found(&records), Some(CipherSuite(0x1302)));
    }

    #[test]
    fn other_messages_are_passed_over() {
        let mut records = fragments(0, &[]);
        records[0][13] = 11;
        assert_eq!(found(&records), None);
    }

    proptest! {
        #[test]
        fn takes_any_bytes(bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..90), 1..5)) {
            let mut finder = SuiteFinder::default();
            for mut body in bodies {
                let length = body.len() as u8;
                body.splice(0..0, [22, 0xFE, 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, length]);
                finder.look(RecordHeader::parse(&body).expect("a record"), &body);
                prop_assert!(finder.prefix.len() <= PREFIX);
            }
        }
    }
}
