//! The key of a message's integrity: HMAC state made from short-term or long-term credentials.

use core::fmt;

use hmac::{Hmac, KeyInit};
use md5::{Digest, Md5};
use sha1::Sha1;

/// A key with its HMAC state prepared, so that each message costs its own hashing only.
///
/// Passwords, and a long-term user name and realm, are taken as they are. RFC 8489 wants them
/// processed with the OpaqueString profile of RFC 8265 first, which leaves ASCII unchanged.
#[derive(Clone)]
pub struct IntegrityKey {
    sha1: Hmac<Sha1>,
}

impl IntegrityKey {
    /// The key of short-term credentials, RFC 8489 §9.1.1: the password itself. ICE uses these.
    pub fn short_term(password: &str) -> Self {
        Self::from_bytes(password.as_bytes())
    }

    /// The key of long-term credentials, RFC 8489 §9.2.2: MD5 over `username:realm:password`.
    pub fn long_term(username: &str, realm: &str, password: &str) -> Self {
        let parts = [username, ":", realm, ":", password];
        let digest = parts.iter().fold(Md5::new(), Digest::chain_update);
        Self::from_bytes(&digest.finalize())
    }

    fn from_bytes(key: &[u8]) -> Self {
        // A key of any length is one of HMAC's: longer than a block it is hashed, RFC 2104 §2.
        let mut block = hmac::digest::Key::<Hmac<Sha1>>::default();
        if key.len() <= block.len() {
            block[..key.len()].copy_from_slice(key);
        } else {
            let digest = Sha1::digest(key);
            block[..digest.len()].copy_from_slice(&digest);
        }
        Self { sha1: Hmac::new(&block) }
    }

    /// The HMAC-SHA1 state that has taken nothing but the key.
    pub(crate) fn sha1(&self) -> Hmac<Sha1> {
        self.sha1.clone()
    }
}

impl fmt::Debug for IntegrityKey {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IntegrityKey")
    }
}

#[cfg(test)]
mod tests {
    use hmac::Mac;

    use super::*;

    /// RFC 2202 §3, cases 6 and 3: a key longer than a block is hashed, a shorter one filled up.
    #[test]
    fn keys_of_any_length_are_the_keys_of_hmac() {
        let table: [(&[u8], &[u8], [u8; 20]); 2] = [
            (
                &[0xaa; 80],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                [
                    0xaa, 0x4a, 0xe5, 0xe1, 0x52, 0x72, 0xd0, 0x0e, 0x95, 0x70, 0x56, 0x37, 0xce,
                    0x8a, 0x3b, 0x55, 0xed, 0x40, 0x21, 0x12,
                ],
            ),
            (
                &[0xaa; 20],
                &[0xdd; 50],
                [
                    0x12, 0x5d, 0x73, 0x42, 0xb9, 0xac, 0x11, 0xcd, 0x91, 0xa3, 0x9a, 0xf4, 0x8a,
                    0xa1, 0x7b, 0x4f, 0x63, 0xf1, 0x75, 0xd3,
                ],
            ),
        ];
        for (key, text, expected) in table {
            let mut hmac = IntegrityKey::from_bytes(key).sha1();
            hmac.update(text);
            assert_eq!(hmac.finalize().into_bytes().as_slice(), expected);
        }
    }

    #[test]
    fn is_not_shown() {
        assert_eq!(format!("{:?}", IntegrityKey::short_term("secret")), "IntegrityKey");
    }
}
