//! The pseudorandom function of DTLS 1.2, RFC 5246 §5.

use zeroize::Zeroize;

use crate::HashFunction;
use crate::crypto::Crypto;

use super::Secret;

/// `PRF(secret, label, seed)`, the seed in pieces.
pub(super) fn prf(
    crypto: &dyn Crypto,
    hash: HashFunction,
    secret: &[u8],
    label: &[u8],
    seed: [&[u8]; 4],
    out: &mut [u8],
) {
    let digest = |fill: &dyn Fn(&mut [u8])| Secret::new(hash.digest_len(), fill);
    let [s0, s1, s2, s3] = seed;
    let mut a = digest(&|out| crypto.hmac(hash, secret, &[label, s0, s1, s2, s3], out));
    for piece in out.chunks_mut(hash.digest_len()) {
        let message = [a.as_bytes(), label, s0, s1, s2, s3];
        let mut block = digest(&|out| crypto.hmac(hash, secret, &message, out));
        piece.iter_mut().zip(block.as_bytes()).for_each(|(slot, byte)| *slot = *byte);
        block.zeroize();
        a = digest(&|out| crypto.hmac(hash, secret, &[a.as_bytes()], out));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Ring;

    #[test]
    fn gives_the_published_vector() {
        // The vector for P_SHA256 that the TLS working group's list has (2010, "Test vectors for
        // TLS 1.2 PRF").
        let secret = [
            0x9B, 0xBE, 0x43, 0x6B, 0xA9, 0x40, 0xF0, 0x17, 0xB1, 0x76, 0x52, 0x84, 0x9A, 0x71,
            0xDB, 0x35,
        ];
        let seed = [
            0xA0, 0xBA, 0x9F, 0x93, 0x6C, 0xDA, 0x31, 0x18, 0x27, 0xA6, 0xF7, 0x96, 0xFF, 0xD5,
            0x19, 0x8C,
        ];
        let mut out = [0; 100];
        let pieces: [&[u8]; 4] = [&seed[..3], &[], &seed[3..], &[]];
        prf(&Ring, HashFunction::Sha256, &secret, b"test label", pieces, &mut out);
        assert_eq!(out[..8], [0xE3, 0xF2, 0x29, 0xBA, 0x72, 0x7B, 0xE1, 0x7B]);
        assert_eq!(out[96..], [0x87, 0x34, 0x7B, 0x66]);
        // The same with SHA-384, by OpenSSL 3.0: `openssl kdf … TLS1-PRF`.
        prf(&Ring, HashFunction::Sha384, &secret, b"test label", pieces, &mut out);
        assert_eq!(out[..8], [0xDD, 0x88, 0x77, 0x5C, 0xD8, 0x27, 0x18, 0x7B]);
        assert_eq!(out[96..], [0x14, 0xC3, 0xB0, 0xC7]);
    }
}
