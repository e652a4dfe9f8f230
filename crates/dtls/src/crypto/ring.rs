//! The default provider.

use alloc::boxed::Box;

use ring::{digest, hmac};
use sansio::Rng;

use super::provider::{
    Aead, AeadAlgorithm, Crypto, CryptoError, Hasher, KeyShare, PublicKey, RecordMask, SharedSecret,
};
use super::{aead, agreement, verify};
use crate::{HashFunction, NamedGroup, SignatureScheme};

/// Cryptography by `ring`, and ML-KEM by `libcrux-ml-kem`.
///
/// Randomness is the operating system's: `ring` takes no other. What `ring` keeps of keys it does
/// not wipe.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ring;

impl Crypto for Ring {
    fn digest(&self, function: HashFunction, message: &[u8], out: &mut [u8]) {
        copy(digest::digest(digest_algorithm(function), message).as_ref(), out);
    }

    fn hasher(&self, function: HashFunction) -> Box<dyn Hasher> {
        Box::new(Running(digest::Context::new(digest_algorithm(function))))
    }

    fn hmac(&self, function: HashFunction, key: &[u8], message: &[&[u8]], out: &mut [u8]) {
        let algorithm = match function {
            HashFunction::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            HashFunction::Sha256 => hmac::HMAC_SHA256,
            HashFunction::Sha384 => hmac::HMAC_SHA384,
            HashFunction::Sha512 => hmac::HMAC_SHA512,
        };
        let mut context = hmac::Context::with_key(&hmac::Key::new(algorithm, key));
        message.iter().for_each(|part| context.update(part));
        copy(context.sign().as_ref(), out);
    }

    fn groups(&self) -> &[NamedGroup] {
        &agreement::GROUPS
    }

    fn key_share(
        &self,
        group: NamedGroup,
        _rng: &mut dyn Rng,
    ) -> Result<Box<dyn KeyShare>, CryptoError> {
        agreement::key_share(group)
    }

    fn respond(
        &self,
        group: NamedGroup,
        theirs: &[u8],
        _rng: &mut dyn Rng,
    ) -> Result<(Vec<u8>, SharedSecret), CryptoError> {
        agreement::respond(group, theirs)
    }

    fn verify(
        &self,
        scheme: SignatureScheme,
        key: PublicKey<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        verify::verify(scheme, key, message, signature)
    }

    fn aead(&self, algorithm: AeadAlgorithm, key: &[u8]) -> Result<Box<dyn Aead>, CryptoError> {
        aead::aead(algorithm, key)
    }

    fn record_mask(
        &self,
        algorithm: AeadAlgorithm,
        key: &[u8],
    ) -> Result<Box<dyn RecordMask>, CryptoError> {
        aead::record_mask(algorithm, key)
    }
}

struct Running(digest::Context);

impl Hasher for Running {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn current(&self, out: &mut [u8]) {
        copy(self.0.clone().finish().as_ref(), out);
    }
}

fn digest_algorithm(function: HashFunction) -> &'static digest::Algorithm {
    match function {
        HashFunction::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        HashFunction::Sha256 => &digest::SHA256,
        HashFunction::Sha384 => &digest::SHA384,
        HashFunction::Sha512 => &digest::SHA512,
    }
}

fn copy(digest: &[u8], out: &mut [u8]) {
    debug_assert_eq!(digest.len(), out.len());
    for (slot, byte) in out.iter_mut().zip(digest) {
        *slot = *byte;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fingerprint;

    #[test]
    fn hashes_are_those_of_the_standard() {
        // FIPS 180-4, the message "abc": the first four octets of each.
        for (function, start) in [
            (HashFunction::Sha1, "sha-1 A9:99:3E:36:"),
            (HashFunction::Sha256, "sha-256 BA:78:16:BF:"),
            (HashFunction::Sha384, "sha-384 CB:00:75:3F:"),
            (HashFunction::Sha512, "sha-512 DD:AF:35:A1:"),
        ] {
            let shown = Fingerprint::of(b"abc", function, &Ring).to_string();
            assert!(shown.starts_with(start), "{shown}");
            let mut hasher = Ring.hasher(function);
            let mut piecewise = vec![0; function.digest_len()];
            hasher.update(b"a");
            hasher.current(&mut piecewise);
            hasher.update(b"bc");
            hasher.current(&mut piecewise);
            let whole = Fingerprint::of(b"abc", function, &Ring);
            assert_eq!(piecewise, whole.digest());
        }
    }

    #[test]
    fn hmac_is_that_of_the_rfc() {
        // RFC 4231 §4.3, test case 2.
        let mut tag = [0; 32];
        let message: [&[u8]; 2] = [b"what do ya want ", b"for nothing?"];
        Ring.hmac(HashFunction::Sha256, b"Jefe", &message, &mut tag);
        assert_eq!(tag[..8], [0x5B, 0xDC, 0xC1, 0x46, 0xBF, 0x60, 0x75, 0x4E]);
    }
}
