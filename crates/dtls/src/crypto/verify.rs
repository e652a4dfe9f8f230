//! Signatures of the other side, by `ring`.

use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

use super::provider::{CryptoError, KeyKind, PublicKey};
use crate::SignatureScheme;

pub(super) fn verify(
    scheme: SignatureScheme,
    key: PublicKey<'_>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    let algorithm = algorithm(scheme, key.kind).ok_or(CryptoError::Unsupported)?;
    UnparsedPublicKey::new(algorithm, key.bytes)
        .verify(message, signature)
        .map_err(|_| CryptoError::Forged)
}

/// DTLS 1.2 may pair any curve with any hash (RFC 8422 §5.10); whether 1.3 is kept to its pairs is
/// decided by who calls.
fn algorithm(scheme: SignatureScheme, kind: KeyKind) -> Option<&'static dyn VerificationAlgorithm> {
    use SignatureScheme as S;
    Some(match (scheme, kind) {
        (S::ECDSA_P256_SHA256, KeyKind::P256) => &signature::ECDSA_P256_SHA256_ASN1,
        (S::ECDSA_P256_SHA256, KeyKind::P384) => &signature::ECDSA_P384_SHA256_ASN1,
        (S::ECDSA_P384_SHA384, KeyKind::P256) => &signature::ECDSA_P256_SHA384_ASN1,
        (S::ECDSA_P384_SHA384, KeyKind::P384) => &signature::ECDSA_P384_SHA384_ASN1,
        (S::ED25519, KeyKind::Ed25519) => &signature::ED25519,
        (S::RSA_PSS_SHA256, KeyKind::Rsa) => &signature::RSA_PSS_2048_8192_SHA256,
        (S::RSA_PSS_SHA384, KeyKind::Rsa) => &signature::RSA_PSS_2048_8192_SHA384,
        (S::RSA_PSS_SHA512, KeyKind::Rsa) => &signature::RSA_PSS_2048_8192_SHA512,
        (S::RSA_PKCS1_SHA256, KeyKind::Rsa) => &signature::RSA_PKCS1_2048_8192_SHA256,
        (S::RSA_PKCS1_SHA384, KeyKind::Rsa) => &signature::RSA_PKCS1_2048_8192_SHA384,
        (S::RSA_PKCS1_SHA512, KeyKind::Rsa) => &signature::RSA_PKCS1_2048_8192_SHA512,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature_scheme::VERIFIED;

    fn bytes(hex: &str) -> Vec<u8> {
        let pairs = hex.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).expect("ASCII"));
        pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hex")).collect()
    }

    #[test]
    fn takes_signatures_of_every_scheme_and_no_others() {
        let kinds = [
            ("p256", KeyKind::P256),
            ("p384", KeyKind::P384),
            ("ed25519", KeyKind::Ed25519),
            ("rsa", KeyKind::Rsa),
        ];
        let (mut keys, mut seen) = (Vec::new(), Vec::new());
        for line in include_str!("../../tests/vectors/signatures.hex").lines() {
            if line.starts_with('#') {
                continue;
            }
            let mut words = line.split(' ');
            let mut next = || words.next().expect("three words");
            let (what, kind, rest) = (next(), next(), bytes(next()));
            let kind = kinds.iter().find(|(name, _)| *name == kind).expect("a kind").1;
            if what == "key" {
                keys.push((kind, rest));
                continue;
            }
            let scheme = SignatureScheme(u16::from_str_radix(what, 16).expect("a number"));
            let key = &keys.iter().find(|one| one.0 == kind).expect("a key").1;
            let check = |scheme, message: &[u8]| {
                verify(scheme, PublicKey { kind, bytes: key }, message, &rest)
            };
            assert_eq!(check(scheme, b"message"), Ok(()), "{scheme} {kind:?}");
            assert_eq!(check(scheme, b"massage"), Err(CryptoError::Forged), "{scheme} {kind:?}");
            for other in VERIFIED.into_iter().filter(|other| *other != scheme) {
                assert!(check(other, b"message").is_err(), "{other} is not {scheme}");
            }
            seen.push(scheme);
        }
        assert!(VERIFIED.iter().all(|scheme| seen.contains(scheme)) && seen.len() == 11);
    }
}
