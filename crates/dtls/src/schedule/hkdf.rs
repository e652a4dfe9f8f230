//! HKDF with labels, RFC 5869, RFC 8446 §7.1, RFC 9147 §5.9.

use crate::HashFunction;
use crate::crypto::Crypto;

use super::Secret;

/// DTLS 1.3 has its own prefix, without the space that TLS has (RFC 9147 §5.9).
const PREFIX: &[u8] = b"dtls13";

/// A hash function, and who computes it.
#[derive(Clone, Copy)]
pub(super) struct Hkdf<'c> {
    pub(super) crypto: &'c dyn Crypto,
    pub(super) hash: HashFunction,
    prefix: &'static [u8],
}

impl<'c> Hkdf<'c> {
    pub(super) fn new(crypto: &'c dyn Crypto, hash: HashFunction) -> Self {
        Self { crypto, hash, prefix: PREFIX }
    }

    /// With the labels of TLS, in which the published examples are.
    #[cfg(test)]
    pub(super) fn tls(crypto: &'c dyn Crypto, hash: HashFunction) -> Self {
        Self { crypto, hash, prefix: b"tls13 " }
    }

    pub(super) fn extract(self, salt: &[u8], input: &[u8]) -> Secret {
        self.secret(|out| self.crypto.hmac(self.hash, salt, &[input], out))
    }

    /// `HKDF-Expand-Label`.
    pub(super) fn expand(self, secret: &[u8], label: &[u8], context: &[u8], out: &mut [u8]) {
        let [.., l0, l1] = out.len().to_be_bytes();
        let [.., label_len] = self.prefix.len().saturating_add(label.len()).to_be_bytes();
        let [.., context_len] = context.len().to_be_bytes();
        let info = [&[l0, l1, label_len], self.prefix, label, &[context_len], context];
        let mut block = Secret::new(0, |_| {});
        for (piece, counter) in out.chunks_mut(self.hash.digest_len()).zip(1_u8..) {
            let [a, b, c, d, e] = info;
            let message = [block.as_bytes(), a, b, c, d, e, &[counter]];
            let next = self.secret(|out| self.crypto.hmac(self.hash, secret, &message, out));
            piece.iter_mut().zip(next.as_bytes()).for_each(|(slot, byte)| *slot = *byte);
            block = next;
        }
    }

    /// `Derive-Secret`, its transcript hashed already.
    pub(super) fn derive(self, secret: &Secret, label: &[u8], transcript: &[u8]) -> Secret {
        self.secret(|out| self.expand(secret.as_bytes(), label, transcript, out))
    }

    /// The hash of a message.
    pub(super) fn digest(self, message: &[u8]) -> Secret {
        self.secret(|out| self.crypto.digest(self.hash, message, out))
    }

    pub(super) fn zeros(self) -> Secret {
        self.secret(|_| {})
    }

    fn secret(self, fill: impl FnOnce(&mut [u8])) -> Secret {
        Secret::new(self.hash.digest_len(), fill)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Ring;

    #[test]
    fn extracts_as_in_the_rfc() {
        // RFC 5869 §A.1.
        let salt: Vec<u8> = (0..13).collect();
        let secret = Hkdf::new(&Ring, HashFunction::Sha256).extract(&salt, &[0x0B; 22]);
        assert_eq!(secret.as_bytes()[..6], [0x07, 0x77, 0x09, 0x36, 0x2C, 0x2E]);
    }

    #[test]
    fn gives_what_openssl_does() {
        // By OpenSSL 3.0: `openssl kdf … HKDF`, extracting, and `… -kdfopt prefix:dtls13 TLS13-KDF`,
        // expanding a key of ones.
        let salt: Vec<u8> = (0..13).collect();
        let secret = Hkdf::new(&Ring, HashFunction::Sha384).extract(&salt, &[0x0B; 22]);
        assert_eq!(secret.as_bytes()[..6], [0x70, 0x4B, 0x39, 0x99, 0x07, 0x79]);
        for (hash, start, end) in [
            (HashFunction::Sha256, [0x18, 0xFD, 0xAB, 0xDC], [0xCD, 0x97, 0x2A, 0xB7, 0x34]),
            (HashFunction::Sha384, [0x1D, 0xB1, 0x48, 0xF0], [0x59, 0xFD, 0x0F, 0x9A, 0x0C]),
        ] {
            let mut out = [0; 60];
            let key = vec![1; hash.digest_len()];
            Hkdf::new(&Ring, hash).expand(&key, b"label", b"context", &mut out);
            assert_eq!((&out[..4], &out[55..]), (&start[..], &end[..]), "{hash:?}");
        }
    }

    #[test]
    fn longer_outputs_are_chained() {
        let hkdf = Hkdf::new(&Ring, HashFunction::Sha256);
        let (mut long, mut short) = ([0; 70], [0; 69]);
        hkdf.expand(&[1; 32], b"label", b"context", &mut long);
        hkdf.expand(&[1; 32], b"label", b"context", &mut short);
        // The length is a part of what is hashed.
        assert_ne!(long[..69], short);
        assert_ne!(long[..32], long[32..64]);
    }
}
