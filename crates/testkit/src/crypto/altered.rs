//! Cryptography that is altered in one point: other groups, or no fingerprints.

use dtls::{
    Aead, AeadAlgorithm, Crypto, CryptoError, HashFunction, Hasher, KeyShare, NamedGroup,
    PublicKey, RecordMask, Ring, SharedSecret, SignatureScheme,
};
use sansio::Rng;

/// [`Ring`], with other groups, or with every certificate taken for the announced one.
#[derive(Clone, Debug)]
pub struct Altered {
    groups: Vec<NamedGroup>,
    /// Whether every certificate hashes to zeros.
    zeros: bool,
}

impl Altered {
    /// With these groups alone.
    pub fn with_groups(groups: &[NamedGroup]) -> Self {
        Self { groups: groups.to_vec(), zeros: false }
    }

    /// Every certificate has the fingerprint of zeros.
    #[must_use]
    pub fn without_fingerprints(self) -> Self {
        Self { zeros: true, ..self }
    }
}

impl Default for Altered {
    /// As `Ring` is.
    fn default() -> Self {
        Self::with_groups(Ring.groups())
    }
}

impl Crypto for Altered {
    fn digest(&self, function: HashFunction, message: &[u8], out: &mut [u8]) {
        // Certificates begin with a sequence of some length; nothing else that is hashed does.
        match message {
            [0x30, 0x81 | 0x82, ..] if self.zeros => out.fill(0),
            _ => Ring.digest(function, message, out),
        }
    }

    fn hasher(&self, function: HashFunction) -> Box<dyn Hasher> {
        Ring.hasher(function)
    }

    fn hmac(&self, function: HashFunction, key: &[u8], message: &[&[u8]], out: &mut [u8]) {
        Ring.hmac(function, key, message, out);
    }

    fn groups(&self) -> &[NamedGroup] {
        &self.groups
    }

    fn key_share(
        &self,
        group: NamedGroup,
        rng: &mut dyn Rng,
    ) -> Result<Box<dyn KeyShare>, CryptoError> {
        Ring.key_share(group, rng)
    }

    fn respond(
        &self,
        group: NamedGroup,
        theirs: &[u8],
        rng: &mut dyn Rng,
    ) -> Result<(Vec<u8>, SharedSecret), CryptoError> {
        Ring.respond(group, theirs, rng)
    }

    fn verify(
        &self,
        scheme: SignatureScheme,
        key: PublicKey<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        Ring.verify(scheme, key, message, signature)
    }

    fn aead(&self, algorithm: AeadAlgorithm, key: &[u8]) -> Result<Box<dyn Aead>, CryptoError> {
        Ring.aead(algorithm, key)
    }

    fn record_mask(
        &self,
        algorithm: AeadAlgorithm,
        key: &[u8],
    ) -> Result<Box<dyn RecordMask>, CryptoError> {
        Ring.record_mask(algorithm, key)
    }
}
