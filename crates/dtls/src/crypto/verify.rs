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
