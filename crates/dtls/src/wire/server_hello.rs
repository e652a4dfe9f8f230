//! The cipher suite in a ServerHello, RFC 5246 §7.4.1.3 and RFC 8446 §4.1.3.
//!
//! ```text
//! handshake header 12 | version 2 | random 32 | session id 1 + 0..32 | cipher suite 2 | …
//! ```
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

use crate::CipherSuite;

use super::{Kind, RecordHeader};

const SERVER_HELLO: u8 = 2;
/// Version, random, session id, cipher suite at their longest.
const PREFIX: usize = 2 + 32 + 1 + 32 + 2;

/// Reads along until it has seen the cipher suite that the server chose.
///
/// The first ServerHello counts: it is the one that the handshake then depends on, and a forged
/// one makes the handshake fail. It may come in fragments, in order.
#[derive(Debug, Default)]
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
