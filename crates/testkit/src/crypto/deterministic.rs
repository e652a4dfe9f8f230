//! Cryptography for simulations: all that is random follows from the seed, so the same run has the
//! same bytes, through DTLS too. It keeps nothing secret.

use std::sync::Arc;

use dtls::{
    Aead, AeadAlgorithm, Certificate, CertificateError, Config, Crypto, CryptoError, HashFunction,
    Hasher, KeyShare, NamedGroup, PublicKey, RecordMask, Ring, SharedSecret, SignatureScheme,
};
use rcgen::{CertificateParams, KeyPair};
use sansio::Rng;

/// [`Ring`], but for key agreement: a share is random bytes from the connection's own generator, and
/// what two sides share is the hash of both shares, which everybody has seen. Shares and secrets are
/// as long as real ones. Both ends must use it.
///
/// With a [`certificate`](Self::certificate) of its own a connection does nothing that the seed does
/// not decide: Ed25519 signs the same thing the same way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deterministic;

/// Group, bytes of a client's share, of a server's, and of the secret.
const GROUPS: [(NamedGroup, usize, usize, usize); 4] = [
    (NamedGroup::X25519_MLKEM768, 1216, 1120, 64),
    (NamedGroup::X25519, 32, 32, 32),
    (NamedGroup::P256, 65, 65, 32),
    (NamedGroup::P384, 97, 97, 48),
];

impl Deterministic {
    /// A certificate that follows from `seed`.
    ///
    /// # Errors
    ///
    /// None, as long as Ed25519 keys are made of 32 bytes.
    pub fn certificate(seed: u8) -> Result<Arc<Certificate>, CertificateError> {
        // RFC 8410 §7: PKCS #8 around the 32 bytes of an Ed25519 key.
        let mut pkcs8 =
            vec![0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20];
        pkcs8.extend_from_slice(&[seed; 32]);
        let key = KeyPair::try_from(&pkcs8[..]).map_err(|_| CertificateError::Key)?;
        let made = CertificateParams::default().self_signed(&key);
        let made = made.map_err(|_| CertificateError::Certificate)?;
        Certificate::from_der(made.der(), &pkcs8).map(Arc::new)
    }

    /// [`Config::new`] with this cryptography and a certificate that follows from `seed`.
    ///
    /// # Errors
    ///
    /// As for [`certificate`](Self::certificate).
    pub fn config(seed: u8) -> Result<Config, CertificateError> {
        Ok(Config { crypto: Arc::new(Self), ..Config::new(Self::certificate(seed)?) })
    }
}

struct Share {
    bytes: Vec<u8>,
    /// Bytes of the other side's share, and of the secret.
    lengths: (usize, usize),
}

impl Share {
    fn new(len: usize, lengths: (usize, usize), rng: &mut dyn Rng) -> Self {
        let mut bytes = vec![0; len];
        rng.fill(&mut bytes);
        Self { bytes, lengths }
    }

    fn agree_with(&self, theirs: &[u8]) -> Result<SharedSecret, CryptoError> {
        let (needed, len) = self.lengths;
        if theirs.len() != needed {
            return Err(CryptoError::Invalid);
        }
        let (first, second) =
            (self.bytes.as_slice().min(theirs), self.bytes.as_slice().max(theirs));
        let mut digest = [0; 64];
        Ring.digest(HashFunction::Sha512, &[first, second].concat(), &mut digest);
        Ok(SharedSecret::new(&[&digest[..len]]))
    }
}

impl KeyShare for Share {
    fn share(&self) -> &[u8] {
        &self.bytes
    }

    fn agree(self: Box<Self>, theirs: &[u8]) -> Result<SharedSecret, CryptoError> {
        self.agree_with(theirs)
    }
}

fn row(group: NamedGroup) -> Result<(usize, usize, usize), CryptoError> {
    let row = GROUPS.iter().find(|row| row.0 == group).ok_or(CryptoError::Unsupported)?;
    Ok((row.1, row.2, row.3))
}

impl Crypto for Deterministic {
    fn digest(&self, function: HashFunction, message: &[u8], out: &mut [u8]) {
        Ring.digest(function, message, out);
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

    fn key_share(
        &self,
        group: NamedGroup,
        rng: &mut dyn Rng,
    ) -> Result<Box<dyn KeyShare>, CryptoError> {
        let (client, server, secret) = row(group)?;
        Ok(Box::new(Share::new(client, (server, secret), rng)))
    }

    fn respond(
        &self,
        group: NamedGroup,
        theirs: &[u8],
        rng: &mut dyn Rng,
    ) -> Result<(Vec<u8>, SharedSecret), CryptoError> {
        let (client, server, secret) = row(group)?;
        let own = Share::new(server, (client, secret), rng);
        let secret = own.agree_with(theirs)?;
        Ok((own.bytes, secret))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRng;

    #[test]
    fn both_sides_share_a_secret_that_follows_from_the_seed() {
        for (group, client, server, secret) in GROUPS {
            let run = |seed| {
                let (mut one, mut other) = (SeededRng::new(seed), SeededRng::new(seed + 1));
                let own = Deterministic.key_share(group, &mut one).expect("made");
                let responded = Deterministic.respond(group, own.share(), &mut other);
                let (share, theirs) = responded.expect("valid");
                assert_eq!((own.share().len(), share.len()), (client, server));
                let ours = own.agree(&share).expect("valid");
                assert_eq!(ours.as_bytes(), theirs.as_bytes());
                assert_eq!(ours.as_bytes().len(), secret);
                ours.as_bytes().to_vec()
            };
            assert_eq!(run(7), run(7));
            assert_ne!(run(7), run(8));
            let short = Deterministic.respond(group, &[1], &mut SeededRng::new(1));
            assert!(matches!(short, Err(CryptoError::Invalid)));
        }
    }

    #[test]
    fn certificates_follow_from_the_seed() {
        let der = |seed| Deterministic::certificate(seed).expect("made").der().to_vec();
        assert_eq!(der(1), der(1));
        assert_ne!(der(1), der(2));
    }
}
