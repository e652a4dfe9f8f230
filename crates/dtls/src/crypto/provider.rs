//! What a connection needs of cryptography, and nothing about how it is done.

use alloc::boxed::Box;
use core::fmt::{self, Debug};

use sansio::Rng;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::signature_scheme::VERIFIED;
use crate::{HashFunction, NamedGroup, SignatureScheme};

/// Where a connection takes its cryptography from: [`Ring`](crate::Ring) by default, a module with
/// a certificate of its own, or something deterministic for a simulation.
///
/// The key that signs is not here but in the [`Certificate`](crate::Certificate), as a
/// [`SigningKey`]: it may live in a hardware token.
///
/// `rng` is the connection's own generator, handed on for implementations whose output must follow
/// from a seed. `Ring` takes the operating system's randomness instead.
pub trait Crypto: Send + Sync + Debug {
    /// Hashes `message` into `out`, which is as long as the function's digest.
    fn digest(&self, function: HashFunction, message: &[u8], out: &mut [u8]);

    /// Begins a hash over what comes piece by piece.
    fn hasher(&self, function: HashFunction) -> Box<dyn Hasher>;

    /// HMAC (RFC 2104) over the pieces of a message, into `out`, which is as long as the function's
    /// digest.
    fn hmac(&self, function: HashFunction, key: &[u8], message: &[&[u8]], out: &mut [u8]);

    /// The groups it has. [`Config::groups`](crate::Config::groups) says which of them are used.
    fn groups(&self) -> &[NamedGroup];

    /// The AEADs it has. [`Config::cipher_suites`](crate::Config::cipher_suites) says which of them
    /// are used. Default: all.
    fn aeads(&self) -> &[AeadAlgorithm] {
        &AeadAlgorithm::ALL
    }

    /// The schemes it verifies, in order of preference: what the other side is asked to sign by.
    /// What this crate does not know is passed over. Default: all that it knows.
    fn signature_schemes(&self) -> &[SignatureScheme] {
        &VERIFIED
    }

    /// A fresh private key and its share in `group`.
    ///
    /// # Errors
    ///
    /// There is no such group, or no randomness.
    fn key_share(
        &self,
        group: NamedGroup,
        rng: &mut dyn Rng,
    ) -> Result<Box<dyn KeyShare>, CryptoError>;

    /// Answers a client's share in `group`: our share, and the secret. Where `group` is a key
    /// encapsulation the two sides differ, and this must be overridden.
    ///
    /// # Errors
    ///
    /// There is no such group, no randomness, or the share is not valid.
    fn respond(
        &self,
        group: NamedGroup,
        theirs: &[u8],
        rng: &mut dyn Rng,
    ) -> Result<(Vec<u8>, SharedSecret), CryptoError> {
        let own = self.key_share(group, rng)?;
        let share = own.share().to_vec();
        Ok((share, own.agree(theirs)?))
    }

    /// Verifies a signature.
    ///
    /// # Errors
    ///
    /// It is not the key's, or the scheme is not one for such a key.
    fn verify(
        &self,
        scheme: SignatureScheme,
        key: PublicKey<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError>;

    /// Prepares a key for one direction of records.
    ///
    /// # Errors
    ///
    /// There is no such algorithm.
    fn aead(&self, algorithm: AeadAlgorithm, key: &[u8]) -> Result<Box<dyn Aead>, CryptoError>;

    /// Prepares a key that hides the record numbers of one direction (RFC 9147 §4.2.3).
    ///
    /// # Errors
    ///
    /// There is no such algorithm.
    fn record_mask(
        &self,
        algorithm: AeadAlgorithm,
        key: &[u8],
    ) -> Result<Box<dyn RecordMask>, CryptoError>;
}

/// A hash under way.
pub trait Hasher: Send + Sync {
    /// Takes more of the message.
    fn update(&mut self, bytes: &[u8]);
    /// The hash of all so far, into `out`, which is as long as the function's digest.
    fn current(&self, out: &mut [u8]);
}

/// A private key that is used once.
pub trait KeyShare: Send + Sync {
    /// What the other side is told.
    fn share(&self) -> &[u8];

    /// The secret shared with the side whose share this is.
    ///
    /// # Errors
    ///
    /// The share is not valid in this group.
    fn agree(self: Box<Self>, theirs: &[u8]) -> Result<SharedSecret, CryptoError>;
}

/// One direction's key.
pub trait Aead: Send + Sync {
    /// Encrypts in place and writes the tag.
    ///
    /// # Errors
    ///
    /// More than the algorithm can protect.
    fn seal(
        &self,
        nonce: [u8; 12],
        aad: &[u8],
        plain: &mut [u8],
        tag: &mut [u8; 16],
    ) -> Result<(), CryptoError>;

    /// Checks and decrypts in place what [`seal`](Self::seal) made, the tag behind it.
    ///
    /// # Errors
    ///
    /// It is not authentic.
    fn open(&self, nonce: [u8; 12], aad: &[u8], sealed: &mut [u8]) -> Result<(), CryptoError>;
}

/// What hides the record numbers of one direction.
pub trait RecordMask: Send + Sync {
    /// The mask that belongs to the first 16 bytes of a ciphertext: one block of AES, or of
    /// ChaCha20's key stream (RFC 9147 §4.2.3). Two bytes of it are used.
    fn mask(&self, sample: &[u8; 16]) -> [u8; 2];
}

/// A private key that signs for a certificate.
pub trait SigningKey: Send + Sync + Debug {
    /// What kind of key it is.
    fn kind(&self) -> KeyKind;

    /// Its schemes, in order of preference.
    fn schemes(&self) -> &[SignatureScheme];

    /// Signs a message by one of its schemes.
    ///
    /// # Errors
    ///
    /// Another scheme, or no randomness.
    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        rng: &mut dyn Rng,
    ) -> Result<Vec<u8>, CryptoError>;
}

/// Authenticated encryption of records, RFC 5116 and RFC 8439.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AeadAlgorithm {
    /// AES-128 in GCM.
    Aes128Gcm,
    /// AES-256 in GCM.
    Aes256Gcm,
    /// ChaCha20 and Poly1305.
    ChaCha20Poly1305,
}

impl AeadAlgorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Aes128Gcm, Self::Aes256Gcm, Self::ChaCha20Poly1305];

    /// Bytes of a key.
    pub const fn key_len(self) -> usize {
        match self {
            Self::Aes128Gcm => 16,
            Self::Aes256Gcm | Self::ChaCha20Poly1305 => 32,
        }
    }
}

/// A kind of key that signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// ECDSA on P-256.
    P256,
    /// ECDSA on P-384.
    P384,
    /// Ed25519.
    Ed25519,
    /// RSA.
    Rsa,
}

/// A key that verifies, as a certificate carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey<'a> {
    /// Its kind.
    pub kind: KeyKind,
    /// The content of `subjectPublicKey`: a point, or an `RSAPublicKey` in DER.
    pub bytes: &'a [u8],
}

/// What a key agreement gave. Wiped when dropped, and not shown in `Debug`.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SharedSecret(Vec<u8>);

impl SharedSecret {
    /// The concatenation of these parts.
    pub fn new(parts: &[&[u8]]) -> Self {
        let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len()).sum());
        parts.iter().for_each(|part| bytes.extend_from_slice(part));
        Self(bytes)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedSecret").finish_non_exhaustive()
    }
}

/// Why cryptography gave no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CryptoError {
    /// Not one of its algorithms, or not for such a key.
    #[error("the algorithm is not supported")]
    Unsupported,
    /// What the other side sent is no value of its kind.
    #[error("the value is not valid")]
    Invalid,
    /// Something does not verify, or does not decrypt.
    #[error("not authentic")]
    Forged,
    /// The operating system gave no randomness, or a token did not answer.
    #[error("no randomness, or no answer")]
    Unavailable,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_secret_is_not_shown_and_is_wiped() {
        let mut secret = SharedSecret::new(&[b"se", b"cret"]);
        assert_eq!(secret.as_bytes(), b"secret");
        assert_eq!(format!("{secret:?}"), "SharedSecret { .. }");
        secret.zeroize();
        assert!(secret.as_bytes().is_empty());
    }
}
