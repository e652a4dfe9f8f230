//! The certificate and key that an endpoint shows to its peers.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, date_time_ymd};
use thiserror::Error;
use x509_parser::prelude::{AlgorithmIdentifier, FromDer, X509Certificate};
use zeroize::Zeroizing;

use crate::crypto::{self, SigningKey};
use crate::{Fingerprint, HashFunction, Ring};

const CERTIFICATE_LABEL: &str = "CERTIFICATE";
const KEY_LABEL: &str = "PRIVATE KEY";

/// A certificate with its private key: ECDSA on P-256 or P-384, Ed25519 or RSA. Made once, outside of any
/// connection, shared by all of them, and kept between runs if peers are to know this endpoint
/// again.
///
/// In WebRTC nobody verifies a path of certificates: the fingerprint that travels in the session
/// description is the identity (RFC 8827 §6.5).
#[derive(Clone)]
pub struct Certificate {
    der: Vec<u8>,
    /// PKCS #8.
    key: Zeroizing<Vec<u8>>,
    signer: Arc<dyn SigningKey>,
    /// Those that vouch for it, in DER.
    issuers: Arc<[Box<[u8]>]>,
}

/// From when to when a certificate is valid, in time since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The first moment.
    pub from: Duration,
    /// The last moment.
    pub until: Duration,
}

impl Validity {
    /// From a day before `unix_now`, for clocks that differ, to 30 days after it, which is what
    /// browsers give their own (W3C WebRTC §4.9.2).
    pub fn month(unix_now: Duration) -> Self {
        const DAY: Duration = Duration::from_secs(86_400);
        Self { from: unix_now.saturating_sub(DAY), until: unix_now.saturating_add(DAY * 30) }
    }
}

impl Certificate {
    /// A new self-signed certificate on P-256 that is valid from 1975 to 4096.
    ///
    /// Its identity is the fingerprint, which lives as long as the session description, so an
    /// expiry would protect nobody: peers do not look at it. Without one this needs no clock, and
    /// the certificate tells nobody when it was made. For a peer that does look there is
    /// [`generate_for`](Self::generate_for).
    ///
    /// # Errors
    ///
    /// The operating system gives no randomness.
    pub fn generate() -> Result<Self, CertificateError> {
        Self::self_signed(None)
    }

    /// A new self-signed certificate on P-256 with limited validity.
    ///
    /// # Errors
    ///
    /// The operating system gives no randomness, or the times are out of range (year 9999).
    pub fn generate_for(validity: Validity) -> Result<Self, CertificateError> {
        Self::self_signed(Some(validity))
    }

    /// A certificate (X.509 in DER) and its key (PKCS #8 in DER). Browsers accept ECDSA and RSA.
    ///
    /// # Errors
    ///
    /// Either cannot be read, the key is of another kind than ECDSA on P-256 or P-384, Ed25519 or
    /// RSA (2048 to 4096 bits), or it belongs to another certificate.
    pub fn from_der(der: &[u8], pkcs8: &[u8]) -> Result<Self, CertificateError> {
        let (_, certificate) =
            X509Certificate::from_der(der).map_err(|_| CertificateError::Certificate)?;
        let Some((signer, public)) = crypto::load(pkcs8) else {
            // Another kind of key, or none at all?
            let readable = is_pkcs8(pkcs8);
            return Err(if readable { CertificateError::KeyKind } else { CertificateError::Key });
        };
        if *certificate.public_key().subject_public_key.data != *public {
            return Err(CertificateError::Pair);
        }
        let key = Zeroizing::new(pkcs8.to_vec());
        Ok(Self { der: der.to_vec(), key, signer, issuers: Arc::new([]) })
    }

    /// A certificate (X.509 in DER) whose key is somewhere else, in a hardware token for example.
    ///
    /// # Errors
    ///
    /// The certificate cannot be read.
    pub fn with_signer(der: &[u8], signer: Arc<dyn SigningKey>) -> Result<Self, CertificateError> {
        X509Certificate::from_der(der).map_err(|_| CertificateError::Certificate)?;
        let key = Zeroizing::default();
        Ok(Self { der: der.to_vec(), key, signer, issuers: Arc::new([]) })
    }

    /// It, shown with those that vouch for it (X.509 in DER, each by the next one's key): for a
    /// server that is known by name, such as a TURN server (RFC 8446 §4.4.2). They are not checked.
    #[must_use]
    pub fn with_issuers(mut self, issuers: impl IntoIterator<Item = Box<[u8]>>) -> Self {
        self.issuers = issuers.into_iter().collect();
        self
    }

    /// The first `CERTIFICATE` and the first `PRIVATE KEY` of a PEM text, in any order.
    ///
    /// # Errors
    ///
    /// As for [`from_der`](Self::from_der), or one of the two is missing.
    pub fn from_pem(text: &str) -> Result<Self, CertificateError> {
        let blocks = pem::parse_many(text).map_err(|_| CertificateError::Pem)?;
        // Any of them may be a key.
        let blocks = blocks.into_iter().map(|block| {
            let tag = block.tag().to_owned();
            (tag, Zeroizing::new(block.into_contents()))
        });
        let blocks: Vec<_> = blocks.collect();
        let block = |label| {
            let found = blocks.iter().find(|(tag, _)| tag == label);
            found.map(|(_, contents)| contents).ok_or(CertificateError::Missing { label })
        };
        Self::from_der(block(CERTIFICATE_LABEL)?, block(KEY_LABEL)?)
    }

    /// Certificate and key as a PEM text, to be kept as secret as the key is.
    pub fn to_pem(&self) -> Zeroizing<String> {
        let block = |label, bytes: &[u8]| pem::Pem::new(label, bytes);
        Zeroizing::new(pem::encode_many(&[
            block(CERTIFICATE_LABEL, &self.der),
            block(KEY_LABEL, &self.key),
        ]))
    }

    /// The certificate in DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The private key, PKCS #8 in DER; empty if it is somewhere else.
    pub fn private_key_der(&self) -> &[u8] {
        &self.key
    }

    /// Its fingerprint, for the session description. SHA-1 is there to read what others announce:
    /// do not announce it.
    pub fn fingerprint(&self, function: HashFunction) -> Fingerprint {
        Fingerprint::of(&self.der, function, &Ring)
    }

    /// When it ends to be valid, in time since the Unix epoch.
    pub fn expires(&self) -> Option<Duration> {
        let (_, certificate) = X509Certificate::from_der(&self.der).ok()?;
        let seconds = certificate.validity().not_after.timestamp();
        u64::try_from(seconds).ok().map(Duration::from_secs)
    }

    /// What is shown: it, and those that vouch for it.
    pub(crate) fn chain(&self) -> impl Iterator<Item = &[u8]> {
        core::iter::once(&*self.der).chain(self.issuers.iter().map(AsRef::as_ref))
    }

    /// What signs for it.
    pub(crate) fn signer(&self) -> &dyn SigningKey {
        &*self.signer
    }

    fn self_signed(validity: Option<Validity>) -> Result<Self, CertificateError> {
        let random = |_| CertificateError::Random;
        let key = Zeroizing::new(KeyPair::generate().map_err(random)?);
        let mut params = CertificateParams::default();
        // What browsers write there. It names nobody.
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "WebRTC");
        if let Some(Validity { from, until }) = validity {
            let epoch = date_time_ymd(1970, 1, 1);
            let at = |since: Duration| {
                let since = since.try_into().map_err(|_| CertificateError::Validity)?;
                epoch.checked_add(since).ok_or(CertificateError::Validity)
            };
            (params.not_before, params.not_after) = (at(from)?, at(until)?);
        }
        let certificate = params.self_signed(&*key).map_err(random)?;
        Self::from_der(certificate.der(), key.serialized_der())
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fingerprint = self.fingerprint(HashFunction::Sha256);
        f.debug_struct("Certificate").field("fingerprint", &fingerprint).finish_non_exhaustive()
    }
}

/// Whether this is a sequence that begins with a version and an algorithm, as PKCS #8 does (RFC 5958
/// §2).
fn is_pkcs8(bytes: &[u8]) -> bool {
    let Ok((_, sequence)) = x509_parser::asn1_rs::Sequence::from_der(bytes) else { return false };
    let Ok((rest, _)) = x509_parser::asn1_rs::Integer::from_der(&sequence.content) else {
        return false;
    };
    AlgorithmIdentifier::from_der(rest).is_ok()
}

/// Why there is no certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CertificateError {
    /// The text is not PEM.
    #[error("not a PEM text")]
    Pem,
    /// The text lacks a block.
    #[error("no block labelled {label}")]
    Missing {
        /// Its label.
        label: &'static str,
    },
    /// Not an X.509 certificate in DER.
    #[error("not an X.509 certificate in DER")]
    Certificate,
    /// Not a private key in PKCS #8.
    #[error("not a private key in PKCS #8")]
    Key,
    /// A key of a kind that we cannot sign with.
    #[error("the key is not ECDSA on P-256 or P-384, Ed25519 or RSA")]
    KeyKind,
    /// The key is not the one that the certificate names.
    #[error("the private key belongs to another certificate")]
    Pair,
    /// A validity outside of what X.509 can write.
    #[error("the validity ends after the year 9999")]
    Validity,
    /// The operating system gave no randomness.
    #[error("no randomness to make a key from")]
    Random,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_pem_and_der() {
        let made = Certificate::generate().expect("made");
        let kept = Certificate::from_pem(&made.to_pem()).expect("read");
        assert_eq!((kept.der(), kept.private_key_der()), (made.der(), made.private_key_der()));
        let kept = Certificate::from_der(made.der(), made.private_key_der()).expect("read");
        let sha256 = HashFunction::Sha256;
        assert_eq!(kept.fingerprint(sha256), made.fingerprint(sha256));
    }

    #[test]
    fn every_certificate_is_another() {
        let [one, other] = [(); 2].map(|()| Certificate::generate().expect("made"));
        assert_ne!(one.fingerprint(HashFunction::Sha512), other.fingerprint(HashFunction::Sha512));
    }

    #[test]
    fn validity_is_kept() {
        let now = Duration::from_secs(1_790_000_000);
        let made = Certificate::generate_for(Validity::month(now)).expect("made");
        assert_eq!(made.expires(), Some(now + Duration::from_secs(30 * 86_400)));
        let never = Validity { from: now, until: Duration::from_secs(300_000_000_000) };
        assert_eq!(Certificate::generate_for(never).err(), Some(CertificateError::Validity));
    }

    #[test]
    fn says_what_is_wrong() {
        use CertificateError as E;
        let [one, other] = [(); 2].map(|()| Certificate::generate().expect("made"));
        // ECDSA on secp256k1 (RFC 5958 §2, RFC 5480 §2.1.1.1), without a key.
        let other_curve = [
            0x30, 0x15, 2, 1, 0, 0x30, 0x10, 6, 7, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1, 6, 5, 0x2B,
            0x81, 4, 0, 0x0A,
        ];
        let (der, key) = (one.der(), one.private_key_der());
        for (der, key, error) in [
            (&b"x"[..], key, E::Certificate),
            (der, &b"x"[..], E::Key),
            (der, &other_curve[..], E::KeyKind),
            (der, other.private_key_der(), E::Pair),
        ] {
            assert_eq!(Certificate::from_der(der, key).err(), Some(error));
        }
        let missing = |label| Some(E::Missing { label });
        assert_eq!(Certificate::from_pem("").err(), missing("CERTIFICATE"));
        let half = pem::encode(&pem::Pem::new("CERTIFICATE", der));
        assert_eq!(Certificate::from_pem(&half).err(), missing("PRIVATE KEY"));
    }

    #[test]
    fn keys_of_several_kinds_are_taken() {
        for algorithm in
            [&rcgen::PKCS_ECDSA_P256_SHA256, &rcgen::PKCS_ECDSA_P384_SHA384, &rcgen::PKCS_ED25519]
        {
            let key = KeyPair::generate_for(algorithm).expect("made");
            let made = CertificateParams::default().self_signed(&key).expect("signed");
            let kept = Certificate::from_der(made.der(), key.serialized_der()).expect("read");
            let elsewhere = Certificate::with_signer(made.der(), Arc::clone(&kept.signer));
            assert!(elsewhere.expect("read").private_key_der().is_empty());
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let made = Certificate::generate().expect("made");
        let shown = format!("{made:?}");
        assert!(shown.starts_with("Certificate { fingerprint: sha-256 "), "{shown}");
        assert!(shown.len() < 160, "{shown}");
    }
}
