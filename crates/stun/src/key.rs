//! The key of a message's integrity: HMAC states made from short-term or long-term credentials.

use core::fmt;

use md5::{Digest, Md5};
use sha2::Sha256;

use crate::attribute::PasswordAlgorithm;
use crate::hmac::{self, BLOCK, HmacKey};

/// A key with its HMAC states prepared, so that each message costs its own hashing only. One key
/// serves MESSAGE-INTEGRITY and MESSAGE-INTEGRITY-SHA256.
///
/// Passwords, and a long-term user name and realm, are taken as they are. RFC 8489 wants them
/// processed with the OpaqueString profile of RFC 8265 first, which leaves ASCII unchanged.
#[derive(Clone)]
pub struct IntegrityKey {
    pub(crate) sha1: HmacKey<hmac::Sha1, 5>,
    pub(crate) sha256: HmacKey<hmac::Sha256, 8>,
}

impl IntegrityKey {
    /// The key of short-term credentials, RFC 8489 §9.1.1: the password itself. ICE uses these.
    pub fn short_term(password: &str) -> Self {
        Self::from_bytes(password.as_bytes())
    }

    /// The key of long-term credentials, RFC 8489 §9.2.2: MD5 over `username:realm:password`.
    pub fn long_term(username: &str, realm: &str, password: &str) -> Self {
        Self::from_bytes(&joined::<Md5>([username, ":", realm, ":", password]))
    }

    /// The key of long-term credentials made by another algorithm, RFC 8489 §18.5.1; `None` if it
    /// is not known here.
    pub fn with_algorithm(
        algorithm: PasswordAlgorithm<'_>,
        [username, realm, password]: [&str; 3],
    ) -> Option<Self> {
        let parts = [username, ":", realm, ":", password];
        match algorithm {
            PasswordAlgorithm::MD5 => Some(Self::from_bytes(&joined::<Md5>(parts))),
            PasswordAlgorithm::SHA256 => Some(Self::from_bytes(&joined::<Sha256>(parts))),
            _ => None,
        }
    }

    /// A key of any bytes.
    pub(crate) fn from_bytes(key: &[u8]) -> Self {
        let sha1 = HmacKey::new(&block::<sha1::Sha1>(key));
        Self { sha1, sha256: HmacKey::new(&block::<Sha256>(key)) }
    }
}

fn joined<D: Digest>(parts: [&str; 5]) -> Vec<u8> {
    parts.iter().fold(D::new(), Digest::chain_update).finalize().to_vec()
}

/// A key fills a block of the hash with zeros; a longer one is hashed first (RFC 2104 §2).
fn block<D: Digest>(key: &[u8]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    if key.len() <= BLOCK {
        block[..key.len()].copy_from_slice(key);
    } else {
        let digest = D::digest(key);
        block[..digest.len()].copy_from_slice(&digest);
    }
    block
}

impl fmt::Debug for IntegrityKey {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IntegrityKey")
    }
}

#[cfg(test)]
mod tests {
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
            let (header, rest) = text.split_first_chunk().unwrap();
            let code = IntegrityKey::from_bytes(key).sha1.code(header, rest);
            assert!(code.begins_with(&expected));
        }
    }

    #[test]
    fn is_not_shown() {
        assert_eq!(format!("{:?}", IntegrityKey::short_term("secret")), "IntegrityKey");
    }
}
