//! Keys and certificates that follow from a seed, so that the same run has the same bytes, through
//! DTLS too. They keep nothing secret.

use std::sync::Arc;

use dtls::{
    Certificate, CertificateError, Config, Crypto, CryptoError, HashFunction, KeyShare, NamedGroup,
    Ring, SharedSecret,
};
use rcgen::{CertificateParams, KeyPair};
use sansio::Rng;

use super::Altered;

/// Group, bytes of a client's share, of a server's, and of the secret.
const GROUPS: [(NamedGroup, usize, usize, usize); 4] = [
    (NamedGroup::X25519_MLKEM768, 1216, 1120, 64),
    (NamedGroup::X25519, 32, 32, 32),
    (NamedGroup::P256, 65, 65, 32),
    (NamedGroup::P384, 97, 97, 48),
];

/// A certificate that follows from `seed`.
///
/// # Errors
///
/// None, as long as Ed25519 keys are made of 32 bytes.
pub fn seeded_certificate(seed: u8) -> Result<Arc<Certificate>, CertificateError> {
    // RFC 8410 §7: PKCS #8 around the 32 bytes of an Ed25519 key.
    let mut pkcs8 = vec![0x30, 0x2E, 2, 1, 0, 0x30, 5, 6, 3, 0x2B, 0x65, 0x70, 4, 0x22, 4, 0x20];
    pkcs8.extend_from_slice(&[seed; 32]);
    let key = KeyPair::try_from(&pkcs8[..]).map_err(|_| CertificateError::Key)?;
    let made = CertificateParams::default().self_signed(&key);
    let made = made.map_err(|_| CertificateError::Certificate)?;
    Certificate::from_der(made.der(), &pkcs8).map(Arc::new)
}

/// [`Config::new`] with a certificate that follows from `seed`, and keys that do so from the
/// connection's.
///
/// # Errors
///
/// As for [`seeded_certificate`].
pub fn seeded_config(seed: u8) -> Result<Config, CertificateError> {
    let crypto = Arc::new(Altered::default().with_seeded_keys());
    Ok(Config { crypto, ..Config::new(seeded_certificate(seed)?) })
}

pub(super) fn key_share(
    group: NamedGroup,
    rng: &mut dyn Rng,
) -> Result<Box<dyn KeyShare>, CryptoError> {
    let (client, server, secret) = row(group)?;
    Ok(Box::new(Share::new(client, (server, secret), rng)))
}

pub(super) fn respond(
    group: NamedGroup,
    theirs: &[u8],
    rng: &mut dyn Rng,
) -> Result<(Vec<u8>, SharedSecret), CryptoError> {
    let (client, server, secret) = row(group)?;
    let own = Share::new(server, (client, secret), rng);
    let secret = own.agree_with(theirs)?;
    Ok((own.bytes, secret))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRng;

    #[test]
    fn both_sides_share_a_secret_that_follows_from_the_seed() {
        for (group, client, server, secret) in GROUPS {
            let run = |seed| {
                let (mut one, mut other) = (SeededRng::new(seed), SeededRng::new(seed + 1));
                let own = key_share(group, &mut one).expect("made");
                let responded = respond(group, own.share(), &mut other);
                let (share, theirs) = responded.expect("valid");
                assert_eq!((own.share().len(), share.len()), (client, server));
                let ours = own.agree(&share).expect("valid");
                assert_eq!(ours.as_bytes(), theirs.as_bytes());
                assert_eq!(ours.as_bytes().len(), secret);
                ours.as_bytes().to_vec()
            };
            assert_eq!(run(7), run(7));
            assert_ne!(run(7), run(8));
            let short = respond(group, &[1], &mut SeededRng::new(1));
            assert!(matches!(short, Err(CryptoError::Invalid)));
        }
    }

    #[test]
    fn certificates_follow_from_the_seed() {
        let der = |seed| seeded_certificate(seed).expect("made").der().to_vec();
        assert_eq!(der(1), der(1));
        assert_ne!(der(1), der(2));
    }
}
