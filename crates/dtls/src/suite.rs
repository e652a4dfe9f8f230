//! Cipher suites, by number and name.

use core::fmt;

use crate::ProtocolVersion;

/// The suites that a connection of ours can end up with: number, registry name, bytes of nonce
/// that a DTLS 1.2 record carries (RFC 5288 §3: GCM has eight, RFC 7905 §2: ChaCha20 none).
const SUITES: [(u16, &str, usize); 9] = [
    (0x1301, "TLS_AES_128_GCM_SHA256", 0),
    (0x1302, "TLS_AES_256_GCM_SHA384", 0),
    (0x1303, "TLS_CHACHA20_POLY1305_SHA256", 0),
    (0xC02B, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 8),
    (0xC02C, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", 8),
    (0xC02F, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 8),
    (0xC030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 8),
    (0xCCA8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0),
    (0xCCA9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", 0),
];

/// A cipher suite, as the TLS registry numbers it. [`Display`](fmt::Display) gives its registry
/// name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CipherSuite(pub u16);

impl CipherSuite {
    /// The registry's name; `None` for a suite that this crate never negotiates.
    pub fn name(self) -> Option<&'static str> {
        self.row().map(|row| row.1)
    }

    /// Bytes that a record of `version` has in front of its ciphertext, and behind its plaintext.
    pub(crate) fn framing(self, version: ProtocolVersion) -> Framing {
        match version {
            // RFC 6347 §4.1: a header of 13 bytes, then what the suite sends of its nonce.
            ProtocolVersion::Dtls12 => {
                Framing { head: 13 + self.row().map_or(8, |row| row.2), tail: TAG }
            }
            // RFC 9147 §4: our headers have a 16-bit sequence number and a length, no connection
            // id; the inner content type follows the plaintext.
            ProtocolVersion::Dtls13 => Framing { head: 5, tail: 1 + TAG },
        }
    }

    fn row(self) -> Option<&'static (u16, &'static str, usize)> {
        SUITES.iter().find(|row| row.0 == self.0)
    }
}

/// Bytes of the tag of every AEAD in the table.
const TAG: usize = 16;

/// What a record adds to its plaintext.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Framing {
    /// Bytes in front.
    pub(crate) head: usize,
    /// Bytes behind.
    pub(crate) tail: usize,
}

impl Framing {
    /// Before it is known: DTLS 1.2 with GCM has the most in front, and the most in all.
    pub(crate) const LARGEST: Self = Self { head: 21, tail: TAG };
}

impl fmt::Display for CipherSuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#06X}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_printed_by_its_registry_name() {
        assert_eq!(CipherSuite(0x1301).to_string(), "TLS_AES_128_GCM_SHA256");
        assert_eq!(
            CipherSuite(0xCCA9).to_string(),
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
        );
        assert_eq!(CipherSuite(0x00FF).to_string(), "0x00FF");
    }

    #[test]
    fn framing_depends_on_version_and_suite() {
        let sum = |suite, version| {
            let framing = CipherSuite(suite).framing(version);
            (framing.head, framing.tail)
        };
        assert_eq!(sum(0xC02B, ProtocolVersion::Dtls12), (21, 16));
        assert_eq!(sum(0xCCA9, ProtocolVersion::Dtls12), (13, 16));
        assert_eq!(sum(0x1301, ProtocolVersion::Dtls13), (5, 17));
    }
}
