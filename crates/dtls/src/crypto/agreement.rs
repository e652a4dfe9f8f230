//! Key agreement: elliptic curves by `ring`, and with ML-KEM-768 beside X25519.
//!
//! ```text
//! X25519MLKEM768     client's share            server's share            secret
//!                    ML-KEM key 1184           ciphertext 1088           ML-KEM 32
//!                    X25519 key   32           X25519 key   32           X25519 32
//! ```

use alloc::boxed::Box;

use libcrux_ml_kem::mlkem768::{
    self, MlKem768Ciphertext, MlKem768KeyPair, MlKem768PrivateKey, MlKem768PublicKey,
};
use ring::agreement::{
    self, ECDH_P256, ECDH_P384, EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral,
};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use super::provider::{CryptoError, KeyShare, SharedSecret};
use crate::NamedGroup;

pub(super) const GROUPS: [NamedGroup; 4] =
    [NamedGroup::X25519_MLKEM768, NamedGroup::X25519, NamedGroup::P256, NamedGroup::P384];

const ENCAPSULATION_KEY: usize = 1184;
const DECAPSULATION_KEY: usize = 2400;
const CIPHERTEXT: usize = 1088;

pub(super) fn key_share(group: NamedGroup) -> Result<Box<dyn KeyShare>, CryptoError> {
    if group != NamedGroup::X25519_MLKEM768 {
        return Ok(Box::new(Curve::new(curve(group)?)?));
    }
    let x25519 = Curve::new(&X25519)?;
    let seed = random::<64>()?;
    let (private, public) = MlKem768KeyPair::into_parts(mlkem768::generate_key_pair(*seed));
    let share = [public.as_slice().as_slice(), x25519.share()].concat();
    let private = Zeroizing::new(<[u8; DECAPSULATION_KEY]>::from(private));
    Ok(Box::new(Hybrid { private, x25519, share }))
}

pub(super) fn respond(
    group: NamedGroup,
    theirs: &[u8],
) -> Result<(Vec<u8>, SharedSecret), CryptoError> {
    if group != NamedGroup::X25519_MLKEM768 {
        let own = Curve::new(curve(group)?)?;
        let share = own.share().to_vec();
        return Ok((share, own.agree_with(theirs)?));
    }
    let (key, point) =
        theirs.split_first_chunk::<ENCAPSULATION_KEY>().ok_or(CryptoError::Invalid)?;
    let key = MlKem768PublicKey::from(key);
    // FIPS 203 §7.2: the modulus check.
    if !mlkem768::validate_public_key(&key) {
        return Err(CryptoError::Invalid);
    }
    let x25519 = Curve::new(&X25519)?;
    let point_of_ours = x25519.share().to_vec();
    let second = x25519.agree_with(point)?;
    let seed = random::<32>()?;
    let (ciphertext, first) = mlkem768::encapsulate(&key, *seed);
    let first = Zeroizing::new(first);
    let share = [ciphertext.as_slice().as_slice(), &point_of_ours].concat();
    Ok((share, SharedSecret::new(&[first.as_slice(), second.as_bytes()])))
}

/// An elliptic curve.
struct Curve {
    private: EphemeralPrivateKey,
    share: agreement::PublicKey,
    algorithm: &'static agreement::Algorithm,
}

impl Curve {
    fn new(algorithm: &'static agreement::Algorithm) -> Result<Self, CryptoError> {
        let private = EphemeralPrivateKey::generate(algorithm, &SystemRandom::new())
            .map_err(|_| CryptoError::Unavailable)?;
        let share = private.compute_public_key().map_err(|_| CryptoError::Unavailable)?;
        Ok(Self { private, share, algorithm })
    }

    /// `ring` refuses points off the curve (RFC 8446 §4.2.8.2), and a secret of zeros (§7.4.2).
    fn agree_with(self, theirs: &[u8]) -> Result<SharedSecret, CryptoError> {
        let theirs = UnparsedPublicKey::new(self.algorithm, theirs);
        agree_ephemeral(self.private, &theirs, |secret| SharedSecret::new(&[secret]))
            .map_err(|_| CryptoError::Invalid)
    }
}

impl KeyShare for Curve {
    fn share(&self) -> &[u8] {
        self.share.as_ref()
    }

    fn agree(self: Box<Self>, theirs: &[u8]) -> Result<SharedSecret, CryptoError> {
        self.agree_with(theirs)
    }
}

/// The client's side of X25519MLKEM768.
struct Hybrid {
    private: Zeroizing<[u8; DECAPSULATION_KEY]>,
    x25519: Curve,
    share: Vec<u8>,
}

impl KeyShare for Hybrid {
    fn share(&self) -> &[u8] {
        &self.share
    }

    fn agree(self: Box<Self>, theirs: &[u8]) -> Result<SharedSecret, CryptoError> {
        let (ciphertext, point) =
            theirs.split_first_chunk::<CIPHERTEXT>().ok_or(CryptoError::Invalid)?;
        let ciphertext = MlKem768Ciphertext::from(ciphertext);
        let private = MlKem768PrivateKey::from(&*self.private);
        // FIPS 203 §6.3: a wrong ciphertext gives a wrong secret, and the handshake fails.
        let first = Zeroizing::new(mlkem768::decapsulate(&private, &ciphertext));
        let second = self.x25519.agree_with(point)?;
        Ok(SharedSecret::new(&[first.as_slice(), second.as_bytes()]))
    }
}

fn curve(group: NamedGroup) -> Result<&'static agreement::Algorithm, CryptoError> {
    match group {
        NamedGroup::X25519 => Ok(&X25519),
        NamedGroup::P256 => Ok(&ECDH_P256),
        NamedGroup::P384 => Ok(&ECDH_P384),
        _ => Err(CryptoError::Unsupported),
    }
}

fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, CryptoError> {
    let mut bytes = Zeroizing::new([0; N]);
    SystemRandom::new().fill(bytes.as_mut_slice()).map_err(|_| CryptoError::Unavailable)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_have_the_same_secret_and_shares_have_their_lengths() {
        for (group, client, server, secret) in [
            (NamedGroup::X25519_MLKEM768, 1216, 1120, 64),
            (NamedGroup::X25519, 32, 32, 32),
            (NamedGroup::P256, 65, 65, 32),
            (NamedGroup::P384, 97, 97, 48),
        ] {
            let own = key_share(group).expect("made");
            let (theirs, one) = respond(group, own.share()).expect("valid");
            assert_eq!((own.share().len(), theirs.len()), (client, server), "{group}");
            let other = own.agree(&theirs).expect("valid");
            assert_eq!((one.as_bytes(), one.as_bytes().len()), (other.as_bytes(), secret));
        }
    }

    #[test]
    fn invalid_shares_are_refused() {
        for group in GROUPS {
            let own = || key_share(group).expect("made");
            let len = own().share().len();
            // A point that is none; the neutral element of X25519; a key with coefficients out of
            // range. Then wrong lengths.
            for theirs in [vec![0xFF; len], vec![0; len - 1], vec![0; len + 1], vec![]] {
                let x25519 = group == NamedGroup::X25519 && theirs == vec![0xFF; 32];
                assert_eq!(respond(group, &theirs).is_err(), !x25519, "{group} {}", theirs.len());
            }
            assert!(own().agree(&[0; 31]).is_err());
        }
        assert!(respond(NamedGroup::X25519, &[0; 32]).is_err());
        assert!(matches!(key_share(NamedGroup(0x001E)), Err(CryptoError::Unsupported)));
    }

    #[test]
    fn a_damaged_ciphertext_gives_another_secret() {
        let own = key_share(NamedGroup::X25519_MLKEM768).expect("made");
        let (mut theirs, one) = respond(NamedGroup::X25519_MLKEM768, own.share()).expect("valid");
        theirs[7] ^= 1;
        let other = own.agree(&theirs).expect("a secret, but not the same");
        assert_ne!(one.as_bytes(), other.as_bytes());
    }
}
