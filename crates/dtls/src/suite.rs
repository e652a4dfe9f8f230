//! Cipher suites, by number and name.

use core::fmt;

use crate::crypto::AeadAlgorithm::{self, Aes128Gcm, Aes256Gcm, ChaCha20Poly1305};
use crate::wire::{HEADER_12, HEADER_13};
use crate::{HashFunction, KeyKind, ProtocolVersion};

/// The suites that a connection can end up with, in order of preference for each version: number,
/// registry name, AEAD, and what the certificate's key is in DTLS 1.2; in 1.3 suites do not say.
const SUITES: [(u16, &str, AeadAlgorithm, Authentication); 9] = {
    use Authentication::{Any, Ecdsa, Rsa};
    [
        (0x1301, "TLS_AES_128_GCM_SHA256", Aes128Gcm, Any),
        (0x1302, "TLS_AES_256_GCM_SHA384", Aes256Gcm, Any),
        (0x1303, "TLS_CHACHA20_POLY1305_SHA256", ChaCha20Poly1305, Any),
        (0xC02B, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", Aes128Gcm, Ecdsa),
        (0xC02F, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", Aes128Gcm, Rsa),
        (0xC02C, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", Aes256Gcm, Ecdsa),
        (0xC030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", Aes256Gcm, Rsa),
        (0xCCA9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", ChaCha20Poly1305, Ecdsa),
        (0xCCA8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", ChaCha20Poly1305, Rsa),
    ]
};

/// Bytes of the nonce that a GCM record of DTLS 1.2 carries (RFC 5288 §3); ChaCha20 carries none
/// (RFC 7905 §2).
const EXPLICIT_NONCE: usize = 8;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Authentication {
    Any,
    Ecdsa,
    Rsa,
}

/// A cipher suite, as the TLS registry numbers it. [`Display`](fmt::Display) gives its registry
/// name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CipherSuite(pub u16);

impl CipherSuite {
    /// The registry's name; `None` for a suite that this crate never negotiates.
    pub fn name(self) -> Option<&'static str> {
        self.row().map(|row| row.1)
    }

    /// All that a connection can end up with, in the default order of preference: three of DTLS 1.3,
    /// six of 1.2.
    pub const ALL: [Self; SUITES.len()] = {
        let mut all = [Self(0); SUITES.len()];
        let mut i = 0;
        while i < all.len() {
            all[i] = Self(SUITES[i].0);
            i += 1;
        }
        all
    };

    /// The version that it belongs to.
    pub(crate) fn version(self) -> Option<ProtocolVersion> {
        self.row().map(|row| match row.3 {
            Authentication::Any => ProtocolVersion::Dtls13,
            _ => ProtocolVersion::Dtls12,
        })
    }

    /// Whether a certificate with such a key goes with it (RFC 8422 §5.5: Ed25519 counts as ECDSA).
    pub(crate) fn suits(self, key: KeyKind) -> bool {
        self.row().is_some_and(|row| match row.3 {
            Authentication::Any => true,
            Authentication::Ecdsa => key != KeyKind::Rsa,
            Authentication::Rsa => key == KeyKind::Rsa,
        })
    }

    /// What protects its records.
    pub(crate) fn aead(self) -> AeadAlgorithm {
        self.row().map_or(Aes128Gcm, |row| row.2)
    }

    /// The hash function of its key schedule.
    pub(crate) fn hash(self) -> HashFunction {
        match self.aead() {
            Aes256Gcm => HashFunction::Sha384,
            Aes128Gcm | ChaCha20Poly1305 => HashFunction::Sha256,
        }
    }

    /// Bytes that a record of `version` has in front of its ciphertext, and behind its plaintext.
    pub(crate) fn framing(self, version: ProtocolVersion) -> Framing {
        match (version, self.aead()) {
            (ProtocolVersion::Dtls12, ChaCha20Poly1305) => Framing { head: HEADER_12, tail: TAG },
            (ProtocolVersion::Dtls12, _) => Framing::LARGEST,
            // RFC 9147 §4: the inner content type follows the plaintext.
            (ProtocolVersion::Dtls13, _) => Framing { head: HEADER_13, tail: 1 + TAG },
        }
    }

    fn row(self) -> Option<&'static (u16, &'static str, AeadAlgorithm, Authentication)> {
        SUITES.iter().find(|row| row.0 == self.0)
    }
}

/// Bytes of the tag of every AEAD in the table.
pub(crate) const TAG: usize = 16;

/// What a record adds to its plaintext.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Framing {
    /// Bytes in front.
    pub(crate) head: usize,
    /// Bytes behind.
    pub(crate) tail: usize,
}

impl Framing {
    /// A record without protection.
    pub(crate) const PLAIN: Self = Self { head: HEADER_12, tail: 0 };
    /// Before it is known: DTLS 1.2 with GCM has the most in front, and the most in all.
    pub(crate) const LARGEST: Self = Self { head: HEADER_12 + EXPLICIT_NONCE, tail: TAG };
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
    fn each_version_prefers_aes_128() {
        let of = |version| {
            CipherSuite::ALL.into_iter().filter(move |suite| suite.version() == Some(version))
        };
        let first = |version| of(version).next();
        assert_eq!(first(ProtocolVersion::Dtls12), Some(CipherSuite(0xC02B)));
        assert_eq!(first(ProtocolVersion::Dtls13), Some(CipherSuite(0x1301)));
        let rsa: Vec<_> = of(ProtocolVersion::Dtls12)
            .filter(|suite| suite.suits(KeyKind::Rsa))
            .map(|suite| suite.0)
            .collect();
        assert_eq!(rsa, [0xC02F, 0xC030, 0xCCA8]);
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
