//! Protection profiles, RFC 5764 §4.1.2, RFC 7714 §14.2, RFC 6188 §3.

use core::fmt;

/// Name, bytes of master key, of master salt, of the tag of an RTP packet, of what an RTCP packet
/// grows by: its tag, and the word of four bytes that carries its index.
const PROFILES: [(Profile, &str, usize, usize, usize, usize); 6] = [
    (Profile::AeadAes128Gcm, "AEAD_AES_128_GCM", 16, 12, 16, 20),
    (Profile::AeadAes256Gcm, "AEAD_AES_256_GCM", 32, 12, 16, 20),
    (Profile::Aes128CmHmacSha1_80, "AES_CM_128_HMAC_SHA1_80", 16, 14, 10, 14),
    // RFC 5764 §4.1.2: the short tag is for RTP only.
    (Profile::Aes128CmHmacSha1_32, "AES_CM_128_HMAC_SHA1_32", 16, 14, 4, 14),
    (Profile::Aes256CmHmacSha1_80, "AES_256_CM_HMAC_SHA1_80", 32, 14, 10, 14),
    (Profile::Aes256CmHmacSha1_32, "AES_256_CM_HMAC_SHA1_32", 32, 14, 4, 14),
];

/// How packets are encrypted and authenticated. [`Display`](fmt::Display) gives the name that the
/// RFC uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Profile {
    /// AES-128 in GCM, RFC 7714.
    AeadAes128Gcm,
    /// AES-256 in GCM, RFC 7714.
    AeadAes256Gcm,
    /// AES-128 in counter mode with 80 bits of HMAC-SHA1, RFC 3711.
    Aes128CmHmacSha1_80,
    /// The same with 32 bits for RTP; SRTCP keeps 80.
    Aes128CmHmacSha1_32,
    /// AES-256 in counter mode with 80 bits of HMAC-SHA1, RFC 6188.
    Aes256CmHmacSha1_80,
    /// The same with 32 bits for RTP; SRTCP keeps 80.
    Aes256CmHmacSha1_32,
}

impl Profile {
    /// The name in the RFC.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// Bytes of a master key; session keys are as long.
    pub fn key_len(self) -> usize {
        self.row().2
    }

    /// Bytes of a master salt; session salts are as long.
    pub fn salt_len(self) -> usize {
        self.row().3
    }

    /// Bytes by which an RTP packet grows.
    pub fn tag_len(self) -> usize {
        self.row().4
    }

    /// Bytes by which an RTCP packet grows: its tag and its index.
    pub fn rtcp_overhead(self) -> usize {
        self.row().5
    }

    fn row(self) -> &'static (Self, &'static str, usize, usize, usize, usize) {
        match self {
            Self::AeadAes128Gcm => &PROFILES[0],
            Self::AeadAes256Gcm => &PROFILES[1],
            Self::Aes128CmHmacSha1_80 => &PROFILES[2],
            Self::Aes128CmHmacSha1_32 => &PROFILES[3],
            Self::Aes256CmHmacSha1_80 => &PROFILES[4],
            Self::Aes256CmHmacSha1_32 => &PROFILES[5],
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_lists_each_profile_at_its_place() {
        for row in &PROFILES {
            assert_eq!(row.0.row(), row);
        }
    }
}
