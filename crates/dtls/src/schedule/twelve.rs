//! The key schedule of DTLS 1.2, RFC 5246 §8.1 and §6.3, RFC 7627.

use zeroize::Zeroizing;

use crate::crypto::{AeadAlgorithm, Crypto, CryptoError};
use crate::record::Keys;
use crate::{CipherSuite, Role};

use super::Secret;
use super::prf::prf;

/// Bytes of a Finished message (RFC 5246 §7.4.9).
pub(crate) const VERIFY_DATA: usize = 12;

/// The randoms of both hellos.
#[derive(Clone, Copy)]
pub(crate) struct Randoms {
    pub(crate) client: [u8; 32],
    pub(crate) server: [u8; 32],
}

/// The master secret, with what belongs to it.
#[derive(Clone)]
pub(crate) struct Master {
    suite: CipherSuite,
    pub(crate) randoms: Randoms,
    pub(crate) secret: Secret,
}

impl Master {
    /// From the shared secret and the hash of ClientHello to ClientKeyExchange (RFC 7627 §4).
    pub(crate) fn new(
        crypto: &dyn Crypto,
        suite: CipherSuite,
        randoms: Randoms,
        shared: &[u8],
        session: &[u8],
    ) -> Self {
        let secret = Secret::new(48, |out| {
            let seed: [&[u8]; 4] = [session, &[], &[], &[]];
            prf(crypto, suite.hash(), shared, b"extended master secret", seed, out);
        });
        Self { suite, randoms, secret }
    }

    pub(crate) fn suite(&self) -> CipherSuite {
        self.suite
    }

    /// The keys for what the client sends, and for what the server sends.
    pub(crate) fn keys(&self, crypto: &dyn Crypto) -> Result<[Keys; 2], CryptoError> {
        let key = self.suite.aead().key_len();
        let iv = match self.suite.aead() {
            AeadAlgorithm::ChaCha20Poly1305 => 12,
            AeadAlgorithm::Aes128Gcm | AeadAlgorithm::Aes256Gcm => 4,
        };
        let mut block = Zeroizing::new([0; 2 * (32 + 12)]);
        let (block, _) = block.split_at_mut(2 * (key + iv));
        let Randoms { client, server } = &self.randoms;
        self.prf(crypto, b"key expansion", [server, client, &[], &[]], block);
        // client key | server key | client iv | server iv
        let (keys, ivs) = block.split_at(2 * key);
        let ((client_key, server_key), (client_iv, server_iv)) =
            (keys.split_at(key), ivs.split_at(iv));
        let make = |key, iv| Keys::twelve(crypto, self.suite, key, iv);
        Ok([make(client_key, client_iv)?, make(server_key, server_iv)?])
    }

    /// What this side's Finished says of a transcript (RFC 5246 §7.4.9).
    pub(crate) fn verify_data(&self, crypto: &dyn Crypto, role: Role, transcript: &[u8]) -> Secret {
        let label: &[u8] = match role {
            Role::Client => b"client finished",
            Role::Server => b"server finished",
        };
        Secret::new(VERIFY_DATA, |out| self.prf(crypto, label, [transcript, &[], &[], &[]], out))
    }

    pub(super) fn prf(&self, crypto: &dyn Crypto, label: &[u8], seed: [&[u8]; 4], out: &mut [u8]) {
        prf(crypto, self.suite.hash(), self.secret.as_bytes(), label, seed, out);
    }
}
