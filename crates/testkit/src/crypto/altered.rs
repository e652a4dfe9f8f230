//! Cryptography that is altered in a point: keys that follow from a seed, or no fingerprints.

use dtls::{
    Aead, AeadAlgorithm, Crypto, CryptoError, HashFunction, Hasher, KeyShare, NamedGroup,
    PublicKey, RecordMask, Ring, SharedSecret, SignatureScheme,
};
use sansio::Rng;

use super::seeded;

/// [`Ring`], with keys that follow from a seed, with every certificate taken for the announced
/// one, or with less than all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Altered {
    /// Whether key agreement follows from the connections' own generators.
    seeded: bool,
    /// Whether every certificate hashes to zeros.
    zeros: bool,
    /// What it has, if not all.
    aeads: Option<&'static [AeadAlgorithm]>,
    /// What it verifies, if not all.
    signature_schemes: Option<&'static [SignatureScheme]>,
}

impl Altered {
    /// A share is random bytes from the connection's own generator, and what two sides share is the
    /// hash of both shares, which everybody has seen. Shares and secrets are as long as real ones.
    /// Both ends must use it.
    ///
    /// With a [certificate](crate::seeded_certificate) of its own a connection then does nothing that
    /// the seed does not decide: Ed25519 signs the same thing the same way.
    #[must_use]
    pub fn with_seeded_keys(self) -> Self {
        Self { seeded: true, ..self }
    }

    /// Every certificate has the fingerprint of zeros.
    #[must_use]
    pub fn without_fingerprints(self) -> Self {
        Self { zeros: true, ..self }
    }

    /// It has these AEADs alone.
    #[must_use]
    pub fn with_aeads(self, aeads: &'static [AeadAlgorithm]) -> Self {
        Self { aeads: Some(aeads), ..self }
    }

    /// It verifies by these schemes alone.
    #[must_use]
    pub fn with_signature_schemes(self, schemes: &'static [SignatureScheme]) -> Self {
        Self { signature_schemes: Some(schemes), ..self }
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
        Ring.groups()
    }

    fn aeads(&self) -> &[AeadAlgorithm] {
        self.aeads.unwrap_or(Ring.aeads())
    }

    fn signature_schemes(&self) -> &[SignatureScheme] {
        self.signature_schemes.unwrap_or(Ring.signature_schemes())
    }

    fn key_share(
        &self,
        group: NamedGroup,
        rng: &mut dyn Rng,
    ) -> Result<Box<dyn KeyShare>, CryptoError> {
        if self.seeded { seeded::key_share(group, rng) } else { Ring.key_share(group, rng) }
    }

    fn respond(
        &self,
        group: NamedGroup,
        theirs: &[u8],
        rng: &mut dyn Rng,
    ) -> Result<(Vec<u8>, SharedSecret), CryptoError> {
        if self.seeded {
            seeded::respond(group, theirs, rng)
        } else {
            Ring.respond(group, theirs, rng)
        }
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
