//! Signature schemes, by number and name.

use core::fmt;

/// The schemes that a connection verifies, in the order in which it offers them.
pub(crate) const VERIFIED: [SignatureScheme; 9] = [
    SignatureScheme::ECDSA_P256_SHA256,
    SignatureScheme::ECDSA_P384_SHA384,
    SignatureScheme::ED25519,
    SignatureScheme::RSA_PSS_SHA256,
    SignatureScheme::RSA_PSS_SHA384,
    SignatureScheme::RSA_PSS_SHA512,
    SignatureScheme::RSA_PKCS1_SHA256,
    SignatureScheme::RSA_PKCS1_SHA384,
    SignatureScheme::RSA_PKCS1_SHA512,
];

const NAMES: [(SignatureScheme, &str); 9] = [
    (SignatureScheme::ECDSA_P256_SHA256, "ecdsa_secp256r1_sha256"),
    (SignatureScheme::ECDSA_P384_SHA384, "ecdsa_secp384r1_sha384"),
    (SignatureScheme::ED25519, "ed25519"),
    (SignatureScheme::RSA_PSS_SHA256, "rsa_pss_rsae_sha256"),
    (SignatureScheme::RSA_PSS_SHA384, "rsa_pss_rsae_sha384"),
    (SignatureScheme::RSA_PSS_SHA512, "rsa_pss_rsae_sha512"),
    (SignatureScheme::RSA_PKCS1_SHA256, "rsa_pkcs1_sha256"),
    (SignatureScheme::RSA_PKCS1_SHA384, "rsa_pkcs1_sha384"),
    (SignatureScheme::RSA_PKCS1_SHA512, "rsa_pkcs1_sha512"),
];

/// How something is signed, as the TLS registry numbers it (RFC 8446 §4.2.3).
/// [`Display`](fmt::Display) gives its registry name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SignatureScheme(pub u16);

impl SignatureScheme {
    /// ECDSA with SHA-256; in DTLS 1.3 on P-256.
    pub const ECDSA_P256_SHA256: Self = Self(0x0403);
    /// ECDSA with SHA-384; in DTLS 1.3 on P-384.
    pub const ECDSA_P384_SHA384: Self = Self(0x0503);
    /// Ed25519.
    pub const ED25519: Self = Self(0x0807);
    /// RSASSA-PSS with SHA-256 and an ordinary RSA key.
    pub const RSA_PSS_SHA256: Self = Self(0x0804);
    /// RSASSA-PSS with SHA-384 and an ordinary RSA key.
    pub const RSA_PSS_SHA384: Self = Self(0x0805);
    /// RSASSA-PSS with SHA-512 and an ordinary RSA key.
    pub const RSA_PSS_SHA512: Self = Self(0x0806);
    /// RSASSA-PKCS1-v1_5 with SHA-256, DTLS 1.2 alone.
    pub const RSA_PKCS1_SHA256: Self = Self(0x0401);
    /// RSASSA-PKCS1-v1_5 with SHA-384, DTLS 1.2 alone.
    pub const RSA_PKCS1_SHA384: Self = Self(0x0501);
    /// RSASSA-PKCS1-v1_5 with SHA-512, DTLS 1.2 alone.
    pub const RSA_PKCS1_SHA512: Self = Self(0x0601);

    /// The registry's name; `None` for a scheme that this crate does not know.
    pub fn name(self) -> Option<&'static str> {
        NAMES.iter().find(|row| row.0 == self).map(|row| row.1)
    }

    /// RFC 8446 §4.2.3: not in the handshake of DTLS 1.3.
    pub(crate) fn is_pkcs1(self) -> bool {
        [Self::RSA_PKCS1_SHA256, Self::RSA_PKCS1_SHA384, Self::RSA_PKCS1_SHA512].contains(&self)
    }
}

impl fmt::Display for SignatureScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#06X}", self.0),
        }
    }
}
