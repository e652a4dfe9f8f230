//! Private keys that sign, by `ring`.

use alloc::sync::Arc;
use core::fmt;

use ring::rand::SystemRandom;
use ring::rsa;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
};
use sansio::Rng;

use super::provider::{CryptoError, KeyKind, SigningKey};
use crate::SignatureScheme;

/// A key, with its public half as a certificate carries it.
pub(crate) fn load(pkcs8: &[u8]) -> Option<(Arc<dyn SigningKey>, Vec<u8>)> {
    let rng = SystemRandom::new();
    let ecdsa = |kind, algorithm| {
        let key = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8, &rng).ok()?;
        Some(Key { kind, pair: Pair::Ecdsa(key) })
    };
    let ed25519 = || {
        let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(pkcs8).ok()?;
        Some(Key { kind: KeyKind::Ed25519, pair: Pair::Ed25519(key) })
    };
    let rsa = || {
        let key = rsa::KeyPair::from_pkcs8(pkcs8).ok()?;
        Some(Key { kind: KeyKind::Rsa, pair: Pair::Rsa(Box::new(key)) })
    };
    let key = ecdsa(KeyKind::P256, &ECDSA_P256_SHA256_ASN1_SIGNING)
        .or_else(|| ecdsa(KeyKind::P384, &ECDSA_P384_SHA384_ASN1_SIGNING))
        .or_else(ed25519)
        .or_else(rsa)?;
    let public = match &key.pair {
        Pair::Ecdsa(key) => key.public_key().as_ref().to_vec(),
        Pair::Ed25519(key) => key.public_key().as_ref().to_vec(),
        Pair::Rsa(key) => key.public().as_ref().to_vec(),
    };
    Some((Arc::new(key), public))
}

struct Key {
    kind: KeyKind,
    pair: Pair,
}

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(Box<rsa::KeyPair>),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl SigningKey for Key {
    fn kind(&self) -> KeyKind {
        self.kind
    }

    fn schemes(&self) -> &[SignatureScheme] {
        match self.kind {
            KeyKind::P256 => &[SignatureScheme::ECDSA_P256_SHA256],
            KeyKind::P384 => &[SignatureScheme::ECDSA_P384_SHA384],
            KeyKind::Ed25519 => &[SignatureScheme::ED25519],
            KeyKind::Rsa => &[SignatureScheme::RSA_PSS_SHA256, SignatureScheme::RSA_PKCS1_SHA256],
        }
    }

    fn sign(
        &self,
        scheme: SignatureScheme,
        message: &[u8],
        _rng: &mut dyn Rng,
    ) -> Result<Vec<u8>, CryptoError> {
        if !self.schemes().contains(&scheme) {
            return Err(CryptoError::Unsupported);
        }
        let rng = SystemRandom::new();
        match &self.pair {
            Pair::Ecdsa(key) => {
                let signature = key.sign(&rng, message);
                Ok(signature.map_err(|_| CryptoError::Unavailable)?.as_ref().to_vec())
            }
            Pair::Ed25519(key) => Ok(key.sign(message).as_ref().to_vec()),
            Pair::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                let padding: &dyn ring::signature::RsaEncoding =
                    if scheme.is_pkcs1() { &RSA_PKCS1_SHA256 } else { &RSA_PSS_SHA256 };
                key.sign(padding, &rng, message, &mut signature)
                    .map_err(|_| CryptoError::Unavailable)?;
                Ok(signature)
            }
        }
    }
}
