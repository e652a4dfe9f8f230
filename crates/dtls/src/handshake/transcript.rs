//! What has been said, hashed: RFC 5246 §7.4.9, RFC 8446 §4.4.1, RFC 9147 §5.2.
//!
//! Messages count with a header, but not the same one:
//!
//! ```text
//! DTLS 1.2   type | length | message_seq | 0 | length | body       as if never fragmented
//! DTLS 1.3   type | length | body                                  as in TLS
//! ```

use alloc::boxed::Box;

use crate::crypto::{Crypto, Hasher};
use crate::schedule::Secret;
use crate::wire::{Fragment, MessageKind, writer};
use crate::{HashFunction, ProtocolVersion};

/// The messages of both sides, in order.
#[derive(Default)]
pub(super) enum Transcript {
    /// Nothing has been said, or nothing counts any more.
    #[default]
    Empty,
    /// The version is not known yet: hellos.
    Undecided(Vec<(MessageKind, u16, Vec<u8>)>),
    /// DTLS 1.2, all of it: CertificateVerify signs the messages, not their hash.
    Twelve { hash: HashFunction, messages: Vec<u8> },
    /// DTLS 1.3.
    Thirteen { hash: HashFunction, hasher: Box<dyn Hasher> },
}

impl Transcript {
    pub(super) fn add(&mut self, kind: MessageKind, sequence: u16, body: &[u8]) {
        match self {
            Self::Empty => *self = Self::Undecided(vec![(kind, sequence, body.to_vec())]),
            Self::Undecided(hellos) => hellos.push((kind, sequence, body.to_vec())),
            Self::Twelve { messages, .. } => {
                Fragment { kind, length: body.len(), sequence, offset: 0, body }.write(messages);
            }
            Self::Thirteen { hasher, .. } => {
                hasher.update(&header(kind, body.len()));
                hasher.update(body);
            }
        }
    }

    /// The version and the hash function are known now.
    pub(super) fn decide(
        &mut self,
        version: ProtocolVersion,
        hash: HashFunction,
        crypto: &dyn Crypto,
    ) {
        let hellos = match core::mem::take(self) {
            Self::Undecided(hellos) => hellos,
            // After a HelloRetryRequest it has been decided.
            other @ (Self::Twelve { .. } | Self::Thirteen { .. }) => {
                *self = other;
                return;
            }
            Self::Empty => Vec::new(),
        };
        *self = match version {
            ProtocolVersion::Dtls12 => Self::Twelve { hash, messages: Vec::new() },
            ProtocolVersion::Dtls13 => Self::Thirteen { hash, hasher: crypto.hasher(hash) },
        };
        for (kind, sequence, body) in hellos {
            self.add(kind, sequence, &body);
        }
    }

    /// RFC 8446 §4.4.1: after a HelloRetryRequest the first ClientHello counts as its hash.
    pub(super) fn retry(&mut self, hash: HashFunction, crypto: &dyn Crypto) {
        self.decide(ProtocolVersion::Dtls13, hash, crypto);
        let first = self.hash(crypto);
        *self = Self::Thirteen { hash, hasher: crypto.hasher(hash) };
        self.add(MessageKind::MESSAGE_HASH, 0, first.as_bytes());
    }

    /// The hash of all so far.
    pub(super) fn hash(&self, crypto: &dyn Crypto) -> Secret {
        match self {
            Self::Empty | Self::Undecided(_) => Secret::new(0, |_| {}),
            Self::Twelve { hash, messages } => {
                Secret::new(hash.digest_len(), |out| crypto.digest(*hash, messages, out))
            }
            Self::Thirteen { hash, hasher } => {
                Secret::new(hash.digest_len(), |out| hasher.current(out))
            }
        }
    }

    /// All messages so far, DTLS 1.2.
    pub(super) fn messages(&self) -> &[u8] {
        match self {
            Self::Twelve { messages, .. } => messages,
            _ => &[],
        }
    }
}

fn header(kind: MessageKind, len: usize) -> Vec<u8> {
    let mut header = vec![kind.0];
    writer::u24(&mut header, len);
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Ring;

    fn digest(message: &[u8]) -> Vec<u8> {
        let mut out = vec![0; 32];
        Ring.digest(HashFunction::Sha256, message, &mut out);
        out
    }

    #[test]
    fn each_version_has_its_header() {
        let sha256 = HashFunction::Sha256;
        for (version, message) in [
            (ProtocolVersion::Dtls12, &[1, 0, 0, 2, 0, 5, 0, 0, 0, 0, 0, 2, 8, 9][..]),
            (ProtocolVersion::Dtls13, &[1, 0, 0, 2, 8, 9]),
        ] {
            let mut before = Transcript::default();
            before.add(MessageKind::CLIENT_HELLO, 5, &[8, 9]);
            before.decide(version, sha256, &Ring);
            let mut after = Transcript::default();
            after.decide(version, sha256, &Ring);
            after.add(MessageKind::CLIENT_HELLO, 5, &[8, 9]);
            for transcript in [before, after] {
                assert_eq!(transcript.hash(&Ring).as_bytes(), digest(message));
            }
        }
    }

    #[test]
    fn a_retry_leaves_the_hash_of_the_first_hello() {
        let mut transcript = Transcript::default();
        transcript.add(MessageKind::CLIENT_HELLO, 0, &[8, 9]);
        transcript.retry(HashFunction::Sha256, &Ring);
        transcript.add(MessageKind::SERVER_HELLO, 0, &[7]);
        let first = digest(&[1, 0, 0, 2, 8, 9]);
        let all = [&[254, 0, 0, 32][..], &first, &[2, 0, 0, 1, 7]].concat();
        assert_eq!(transcript.hash(&Ring).as_bytes(), digest(&all));
    }
}
