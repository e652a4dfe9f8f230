//! Certificates and signatures of either side.

use alloc::boxed::Box;

use x509_parser::oid_registry::{
    OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_NIST_EC_P384, OID_PKCS1_RSAENCRYPTION,
    OID_SIG_ED25519,
};
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::x509::SubjectPublicKeyInfo;

use crate::crypto::{CryptoError, KeyKind, PublicKey};
use crate::schedule::Secret;
use crate::wire::Numbers;
use crate::wire::message::CertificateVerify;
use crate::{
    Alert, ClientAuthentication, CloseReason, Fingerprint, HashFunction, ProtocolVersion, Role,
    SignatureScheme,
};

use super::context::{Context, fault};

/// The key of the other side's certificate, which is the one that was announced, or is the caller's
/// to judge before anything is done with it.
#[derive(Clone, Debug)]
pub(crate) struct PeerKey {
    kind: KeyKind,
    bytes: Vec<u8>,
}

impl PeerKey {
    /// Checks the first certificate of a chain, or lays the chain before the caller, and only then
    /// reads its key.
    pub(super) fn of(context: &mut Context, chain: &[&[u8]]) -> Result<Self, CloseReason> {
        let der = chain.first().copied().unwrap_or_default();
        if context.asks_caller() {
            context.presented = Some(chain.iter().map(|one| Box::from(*one)).collect());
        } else {
            Self::check_announced(context, der)?;
        }
        let parsed = X509Certificate::from_der(der);
        let (_, certificate) = parsed.map_err(|_| fault(Alert::BAD_CERTIFICATE))?;
        let info = certificate.public_key();
        let kind = kind(info).ok_or(fault(Alert::UNSUPPORTED_CERTIFICATE))?;
        Ok(Self { kind, bytes: info.subject_public_key.data.to_vec() })
    }

    /// RFC 8122 §5.1: of the fingerprints by the strongest function that was announced, one must be
    /// the certificate's.
    fn check_announced(context: &Context, der: &[u8]) -> Result<(), CloseReason> {
        let announced = &context.announced;
        let strongest = announced.iter().map(Fingerprint::function).max();
        let function = strongest.unwrap_or(HashFunction::Sha256);
        let presented = Fingerprint::of(der, function, &*context.config.crypto);
        if announced.contains(&presented) {
            return Ok(());
        }
        let announced = announced.clone();
        Err(CloseReason::FingerprintMismatch { announced, presented })
    }

    pub(super) fn kind(&self) -> KeyKind {
        self.kind
    }

    /// Checks a signature by this key.
    pub(super) fn check(
        &self,
        context: &Context,
        version: ProtocolVersion,
        message: &[u8],
        signed: CertificateVerify<'_>,
    ) -> Result<(), CloseReason> {
        let CertificateVerify { scheme, signature } = signed;
        let is_verified = context.config.verified().any(|known| known == scheme);
        if !is_verified || !fits(scheme, self.kind, version) {
            return Err(fault(Alert::ILLEGAL_PARAMETER));
        }
        let key = PublicKey { kind: self.kind, bytes: &self.bytes };
        let verified = context.config.crypto.verify(scheme, key, message, signature);
        verified.map_err(|error| match error {
            CryptoError::Unsupported => fault(Alert::ILLEGAL_PARAMETER),
            _ => fault(Alert::DECRYPT_ERROR),
        })
    }
}

fn kind(info: &SubjectPublicKeyInfo<'_>) -> Option<KeyKind> {
    let algorithm = &info.algorithm.algorithm;
    if *algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY {
        let curve = info.algorithm.parameters.as_ref()?.as_oid().ok()?;
        return match curve {
            curve if curve == OID_EC_P256 => Some(KeyKind::P256),
            curve if curve == OID_NIST_EC_P384 => Some(KeyKind::P384),
            _ => None,
        };
    }
    if *algorithm == OID_PKCS1_RSAENCRYPTION {
        return Some(KeyKind::Rsa);
    }
    (*algorithm == OID_SIG_ED25519).then_some(KeyKind::Ed25519)
}

/// RFC 8446 §4.2.3: in DTLS 1.3 the scheme names the curve, and PKCS #1 is gone.
fn fits(scheme: SignatureScheme, kind: KeyKind, version: ProtocolVersion) -> bool {
    if version == ProtocolVersion::Dtls12 {
        return true;
    }
    match scheme {
        SignatureScheme::ECDSA_P256_SHA256 => kind == KeyKind::P256,
        SignatureScheme::ECDSA_P384_SHA384 => kind == KeyKind::P384,
        _ => !scheme.is_pkcs1(),
    }
}

/// The scheme by which we sign for a side that verifies these.
pub(super) fn scheme(
    context: &Context,
    version: ProtocolVersion,
    theirs: Numbers<'_>,
) -> Result<SignatureScheme, CloseReason> {
    let signer = context.config.certificate.signer();
    let mut ours = signer.schemes().iter().copied();
    ours.find(|scheme| theirs.contains(scheme.0) && fits(*scheme, signer.kind(), version))
        .ok_or(fault(Alert::HANDSHAKE_FAILURE))
}

/// The same for a client that is asked who it is; `None`: it does not tell (RFC 5246 §7.4.6, RFC
/// 8446 §4.4.2).
pub(super) fn wanted_scheme(
    context: &Context,
    version: ProtocolVersion,
    theirs: Numbers<'_>,
) -> Result<Option<SignatureScheme>, CloseReason> {
    match context.config.client_authentication {
        ClientAuthentication::Required => scheme(context, version, theirs).map(Some),
        ClientAuthentication::NotRequested => Ok(None),
    }
}

/// Signs with our certificate's key.
pub(super) fn sign(
    context: &mut Context,
    scheme: SignatureScheme,
    message: &[u8],
) -> Result<Vec<u8>, CloseReason> {
    let Context { config, rng, .. } = context;
    Ok(config.certificate.signer().sign(scheme, message, &mut **rng)?)
}

/// What a CertificateVerify of DTLS 1.3 signs (RFC 8446 §4.4.3).
pub(super) fn signed_content(signer: Role, transcript: &Secret) -> Vec<u8> {
    let label: &[u8] = match signer {
        Role::Client => b"TLS 1.3, client CertificateVerify\0",
        Role::Server => b"TLS 1.3, server CertificateVerify\0",
    };
    [&[0x20; 64], label, transcript.as_bytes()].concat()
}
