//! `a=fingerprint`: the hash of a certificate. RFC 8122 §5.

use core::fmt;

use crate::error::Reason;
use crate::fields::Fields;
use crate::own::into_owned;
use crate::text::Token;

/// Hash functions of RFC 8122 §5, and the bytes of what they make.
const HASH_FUNCTIONS: [(&str, usize); 7] = [
    ("sha-256", 32),
    ("sha-1", 20),
    ("sha-224", 28),
    ("sha-384", 48),
    ("sha-512", 64),
    ("md5", 16),
    ("md2", 16),
];

/// `sha-256 E4:F0:47:…`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint<'a> {
    /// The name of the hash function, in upper or lower case.
    pub hash_function: Token<'a>,
    /// The hash: bytes of two hexadecimal digits, colons between them.
    pub digest: Token<'a>,
}

into_owned!(Fingerprint { hash_function, digest });

impl<'a> Fingerprint<'a> {
    /// The fingerprint with this hash.
    pub fn new(hash_function: impl Into<Token<'a>>, digest: &[u8]) -> Self {
        let bytes: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
        Self { hash_function: hash_function.into(), digest: bytes.join(":").into() }
    }

    /// Reads `sha-256 E4:F0:47:…`. The digest must be as long as its function makes it.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        let mut fields = Fields::new(text);
        let hash_function = fields.token("hash function")?;
        let digest = fields.token("digest")?;
        let had = digest_length(&digest)?;
        let known =
            HASH_FUNCTIONS.iter().find(|(name, _)| hash_function.eq_ignore_ascii_case(name));
        match known {
            Some(&(_, needed)) if needed != had => {
                Err(Reason::Length { field: "digest", needed, had })
            }
            _ => Ok(Self { hash_function, digest }),
        }
    }

    /// The bytes of the hash.
    pub fn bytes(&self) -> impl Iterator<Item = u8> {
        self.digest.split(':').filter_map(|byte| u8::from_str_radix(byte, 16).ok())
    }
}

/// How many bytes there are in `AB:CD:…`.
fn digest_length(digest: &str) -> Result<usize, Reason> {
    let malformed =
        Reason::Invalid { field: "digest", expected: "bytes in hex with colons between" };
    let mut bytes = 0_usize;
    let mut rest = digest.as_bytes();
    while let [high, low, tail @ ..] = rest {
        if !high.is_ascii_hexdigit() || !low.is_ascii_hexdigit() {
            return Err(malformed);
        }
        bytes = bytes.saturating_add(1);
        rest = match tail {
            [] => return Ok(bytes),
            [b':', after @ ..] => after,
            _ => return Err(malformed),
        };
    }
    Err(malformed)
}

impl fmt::Display for Fingerprint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hash_function)?;
        f.write_str(" ")?;
        f.write_str(&self.digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_the_hash() {
        let digest: [u8; 20] = core::array::from_fn(|at| (at * 13) as u8);
        let fingerprint = Fingerprint::new("sha-1", &digest);
        let text = fingerprint.to_string();
        assert_eq!(text, "sha-1 00:0D:1A:27:34:41:4E:5B:68:75:82:8F:9C:A9:B6:C3:D0:DD:EA:F7");
        assert_eq!(Fingerprint::parse(&text), Ok(fingerprint.clone()));
        assert!(fingerprint.bytes().eq(digest));
        assert!(Fingerprint::parse(&text.to_lowercase()).unwrap().bytes().eq(digest));
    }
}
