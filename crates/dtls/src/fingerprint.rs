//! Certificate fingerprints, RFC 8122 §5.

use core::fmt;
use core::str::FromStr;

use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::Crypto;

/// A hash function that a fingerprint may use, weakest first.
///
/// MD2 and MD5 must not be used (RFC 8122 §5); SHA-224 is not seen in WebRTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum HashFunction {
    /// SHA-1, to check what old peers announce; we never announce it.
    Sha1,
    /// SHA-256, which everybody announces.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// Function, name in SDP, bytes.
const FUNCTIONS: [(HashFunction, &str, usize); 4] = [
    (HashFunction::Sha1, "sha-1", 20),
    (HashFunction::Sha256, "sha-256", 32),
    (HashFunction::Sha384, "sha-384", 48),
    (HashFunction::Sha512, "sha-512", 64),
];

impl HashFunction {
    /// The name in SDP, lower case.
    pub const fn name(self) -> &'static str {
        self.row().1
    }

    /// Bytes of its result.
    pub const fn digest_len(self) -> usize {
        self.row().2
    }

    const fn row(self) -> &'static (Self, &'static str, usize) {
        match self {
            Self::Sha1 => &FUNCTIONS[0],
            Self::Sha256 => &FUNCTIONS[1],
            Self::Sha384 => &FUNCTIONS[2],
            Self::Sha512 => &FUNCTIONS[3],
        }
    }
}

/// The hash of a certificate, as `a=fingerprint` carries it: `sha-256 AB:CD:…`.
#[derive(Clone, Copy)]
pub struct Fingerprint {
    function: HashFunction,
    /// The digest, then zeros.
    bytes: [u8; 64],
}

impl Fingerprint {
    /// A digest of `function`.
    ///
    /// # Errors
    ///
    /// The digest is not as long as the function's.
    pub fn new(function: HashFunction, digest: &[u8]) -> Result<Self, FingerprintError> {
        let len = FingerprintError::Length { needed: function.digest_len(), had: digest.len() };
        if digest.len() != function.digest_len() {
            return Err(len);
        }
        let mut bytes = [0; 64];
        bytes.get_mut(..digest.len()).ok_or(len)?.copy_from_slice(digest);
        Ok(Self { function, bytes })
    }

    /// The fingerprint of a certificate in DER.
    pub fn of(der: &[u8], function: HashFunction, crypto: &dyn Crypto) -> Self {
        let mut bytes = [0; 64];
        let (digest, _) = bytes.split_at_mut(function.digest_len());
        crypto.digest(function, der, digest);
        Self { function, bytes }
    }

    /// The hash function.
    pub fn function(&self) -> HashFunction {
        self.function
    }

    /// The digest.
    pub fn digest(&self) -> &[u8] {
        self.bytes.get(..self.function.digest_len()).unwrap_or(&self.bytes)
    }
}

impl PartialEq for Fingerprint {
    /// In constant time for equal functions.
    fn eq(&self, other: &Self) -> bool {
        self.function == other.function && bool::from(self.bytes.ct_eq(&other.bytes))
    }
}

impl Eq for Fingerprint {}

impl fmt::Display for Fingerprint {
    /// `sha-256 AB:CD:…`, upper case as RFC 8122 §5 demands.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.function.name())?;
        for (i, byte) in self.digest().iter().enumerate() {
            write!(f, "{}{byte:02X}", if i == 0 { ' ' } else { ':' })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    /// Reads the value of an `a=fingerprint` line. Either case is accepted, as browsers do.
    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let (name, value) = text.trim().split_once(' ').ok_or(FingerprintError::MissingValue)?;
        let (function, _, needed) = *FUNCTIONS
            .iter()
            .find(|row| row.1.eq_ignore_ascii_case(name))
            .ok_or(FingerprintError::UnknownFunction)?;
        let value = value.trim();
        let mut bytes = [0; 64];
        let mut had = 0;
        for (i, pair) in value.split(':').enumerate() {
            let byte = hex_pair(pair).ok_or(FingerprintError::NotHex { octet: i })?;
            had = i.saturating_add(1);
            if let Some(slot) = bytes.get_mut(i) {
                *slot = byte;
            }
        }
        if had != needed {
            return Err(FingerprintError::Length { needed, had });
        }
        Ok(Self { function, bytes })
    }
}

fn hex_pair(pair: &str) -> Option<u8> {
    let plain = pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit());
    plain.then(|| u8::from_str_radix(pair, 16).ok()).flatten()
}

/// Why a text or a digest is no fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FingerprintError {
    /// No space, or nothing behind it.
    #[error("a fingerprint is a hash function, a space, and octets")]
    MissingValue,
    /// A hash function that is not supported. Where several fingerprints are given this one may be
    /// passed over.
    #[error("unknown hash function")]
    UnknownFunction,
    /// Something that is not two hexadecimal digits.
    #[error("octet {octet} is not two hexadecimal digits")]
    NotHex {
        /// Which one, from zero.
        octet: usize,
    },
    /// Not as many octets as the function gives.
    #[error("{had} octets, the hash function gives {needed}")]
    Length {
        /// What the function gives.
        needed: usize,
        /// What was there.
        had: usize,
    },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_either_case_and_writes_upper() {
        // RFC 8122 §5, its example.
        let text = "SHA-1 4a:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB";
        let fingerprint: Fingerprint = text.parse().expect("valid");
        assert_eq!(fingerprint.function(), HashFunction::Sha1);
        assert_eq!(
            fingerprint.to_string(),
            "sha-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB"
        );
    }

    #[test]
    fn says_what_is_wrong() {
        use FingerprintError as E;
        for (text, error) in [
            ("", E::MissingValue),
            ("sha-256", E::MissingValue),
            ("md5 00", E::UnknownFunction),
            ("sha-256 00", E::Length { needed: 32, had: 1 }),
            ("sha-1 00:1", E::NotHex { octet: 1 }),
            ("sha-1 00:+1", E::NotHex { octet: 1 }),
            ("sha-1 ", E::MissingValue),
        ] {
            assert_eq!(text.parse::<Fingerprint>(), Err(error), "{text:?}");
        }
        let long = format!("sha-512 {}", vec!["AA"; 65].join(":"));
        assert_eq!(long.parse::<Fingerprint>(), Err(E::Length { needed: 64, had: 65 }));
    }

    #[test]
    fn one_bit_makes_another_fingerprint() {
        let one = Fingerprint::new(HashFunction::Sha256, &[7; 32]).expect("32 bytes");
        let mut digest = [7; 32];
        digest[31] ^= 1;
        let other = Fingerprint::new(HashFunction::Sha256, &digest).expect("32 bytes");
        assert_ne!(one, other);
        assert!(Fingerprint::new(HashFunction::Sha384, &digest).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read(row in 0..4_usize, bytes in any::<[u8; 64]>()) {
            let (function, _, len) = FUNCTIONS[row];
            let fingerprint = Fingerprint::new(function, &bytes[..len]).expect("length");
            prop_assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(sha-(1|256) )?[0-9a-fA-F: +]{0,200}") {
            let _ = text.parse::<Fingerprint>();
        }
    }
}
