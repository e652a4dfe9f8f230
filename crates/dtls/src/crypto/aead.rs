//! Authenticated encryption, and the masks of record numbers.

use alloc::boxed::Box;

use ring::aead::quic::HeaderProtectionKey;
use ring::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};

use super::provider::{Aead, AeadAlgorithm, CryptoError, RecordMask};

pub(super) fn aead(algorithm: AeadAlgorithm, key: &[u8]) -> Result<Box<dyn Aead>, CryptoError> {
    let algorithm = match algorithm {
        AeadAlgorithm::Aes128Gcm => &aead::AES_128_GCM,
        AeadAlgorithm::Aes256Gcm => &aead::AES_256_GCM,
        AeadAlgorithm::ChaCha20Poly1305 => &aead::CHACHA20_POLY1305,
    };
    let key = UnboundKey::new(algorithm, key).map_err(|_| CryptoError::Invalid)?;
    Ok(Box::new(LessSafeKey::new(key)))
}

/// QUIC hides its packet numbers as DTLS 1.3 does (RFC 9001 §5.4.3, §5.4.4; RFC 9147 §4.2.3).
pub(super) fn record_mask(
    algorithm: AeadAlgorithm,
    key: &[u8],
) -> Result<Box<dyn RecordMask>, CryptoError> {
    let algorithm = match algorithm {
        AeadAlgorithm::Aes128Gcm => &aead::quic::AES_128,
        AeadAlgorithm::Aes256Gcm => &aead::quic::AES_256,
        AeadAlgorithm::ChaCha20Poly1305 => &aead::quic::CHACHA20,
    };
    let key = HeaderProtectionKey::new(algorithm, key).map_err(|_| CryptoError::Invalid)?;
    Ok(Box::new(key))
}

impl Aead for LessSafeKey {
    fn seal(
        &self,
        nonce: [u8; 12],
        aad: &[u8],
        plain: &mut [u8],
        tag: &mut [u8; 16],
    ) -> Result<(), CryptoError> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let made = self.seal_in_place_separate_tag(nonce, Aad::from(aad), plain);
        let made = made.map_err(|_| CryptoError::Unsupported)?;
        *tag = made.as_ref().try_into().map_err(|_| CryptoError::Unsupported)?;
        Ok(())
    }

    fn open(&self, nonce: [u8; 12], aad: &[u8], sealed: &mut [u8]) -> Result<(), CryptoError> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        match self.open_in_place(nonce, Aad::from(aad), sealed) {
            Ok(_) => Ok(()),
            Err(_) => Err(CryptoError::Forged),
        }
    }
}

impl RecordMask for HeaderProtectionKey {
    fn mask(&self, sample: &[u8; 16]) -> [u8; 2] {
        // The sample has the length that all three algorithms want.
        let [a, b, ..] = self.new_mask(sample).unwrap_or_default();
        [a, b]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_a_block_of_the_cipher() {
        // FIPS 197, appendices C.1 and C.3.
        let sample: [u8; 16] = core::array::from_fn(|i| 0x11 * i as u8);
        let key: [u8; 32] = core::array::from_fn(|i| i as u8);
        let mask =
            |algorithm, len| record_mask(algorithm, &key[..len]).expect("made").mask(&sample);
        assert_eq!(mask(AeadAlgorithm::Aes128Gcm, 16), [0x69, 0xC4]);
        assert_eq!(mask(AeadAlgorithm::Aes256Gcm, 32), [0x8E, 0xA2]);
    }

    #[test]
    fn chacha_takes_counter_and_nonce_from_the_sample() {
        // RFC 9001 §A.5: key, sample and mask of a ChaCha20 packet.
        let key = [
            0x25, 0xA2, 0x82, 0xB9, 0xE8, 0x2F, 0x06, 0xF2, 0x1F, 0x48, 0x89, 0x17, 0xA4, 0xFC,
            0x8F, 0x1B, 0x73, 0x57, 0x36, 0x85, 0x60, 0x85, 0x97, 0xD0, 0xEF, 0xCB, 0x07, 0x6B,
            0x0A, 0xB7, 0xA7, 0xA4,
        ];
        let sample = [
            0x5E, 0x5C, 0xD5, 0x5C, 0x41, 0xF6, 0x90, 0x80, 0x57, 0x5D, 0x79, 0x99, 0xC2, 0x5A,
            0x5B, 0xFB,
        ];
        let mask = record_mask(AeadAlgorithm::ChaCha20Poly1305, &key).expect("made");
        assert_eq!(mask.mask(&sample), [0xAE, 0xFE]);
    }

    #[test]
    fn what_is_sealed_opens_unless_it_is_touched() {
        for algorithm in
            [AeadAlgorithm::Aes128Gcm, AeadAlgorithm::Aes256Gcm, AeadAlgorithm::ChaCha20Poly1305]
        {
            let key = aead(algorithm, &vec![7; algorithm.key_len()]).expect("made");
            let mut sealed = b"text".to_vec();
            let mut tag = [0; 16];
            key.seal([1; 12], b"head", &mut sealed, &mut tag).expect("sealed");
            sealed.extend_from_slice(&tag);
            let mut copy = sealed.clone();
            assert_eq!(key.open([1; 12], b"head", &mut copy), Ok(()));
            assert_eq!(copy[..4], *b"text");
            assert_eq!(key.open([1; 12], b"heap", &mut sealed.clone()), Err(CryptoError::Forged));
            sealed[3] ^= 1;
            assert_eq!(key.open([1; 12], b"head", &mut sealed), Err(CryptoError::Forged));
            assert!(aead(algorithm, &[7; 5]).is_err());
        }
    }
}
