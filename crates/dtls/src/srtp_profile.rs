//! SRTP protection profiles, by number and name.

use core::fmt;

/// Number, registry name, bytes of master key and of master salt (RFC 5764 §4.1.2, RFC 7714 §14.2).
const PROFILES: [(SrtpProfile, u16, &str, usize, usize); 3] = [
    (SrtpProfile::AeadAes128Gcm, 0x0007, "SRTP_AEAD_AES_128_GCM", 16, 12),
    (SrtpProfile::AeadAes256Gcm, 0x0008, "SRTP_AEAD_AES_256_GCM", 32, 12),
    (SrtpProfile::Aes128CmSha1_80, 0x0001, "SRTP_AES128_CM_HMAC_SHA1_80", 16, 14),
];

/// What `use_srtp` agreed on (RFC 5764 §4.1.2). [`Display`](fmt::Display) gives the registry name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SrtpProfile {
    /// AES-128 in GCM, RFC 7714.
    AeadAes128Gcm,
    /// AES-256 in GCM, RFC 7714.
    AeadAes256Gcm,
    /// AES-128 in counter mode with 80 bits of HMAC-SHA1, RFC 5764.
    Aes128CmSha1_80,
}

impl SrtpProfile {
    /// The number in the `use_srtp` extension.
    pub fn wire(self) -> u16 {
        self.row().1
    }

    /// The registry's name.
    pub fn name(self) -> &'static str {
        self.row().2
    }

    /// Bytes of a master key.
    pub fn key_len(self) -> usize {
        self.row().3
    }

    /// Bytes of a master salt.
    pub fn salt_len(self) -> usize {
        self.row().4
    }

    fn row(self) -> &'static (Self, u16, &'static str, usize, usize) {
        match self {
            Self::AeadAes128Gcm => &PROFILES[0],
            Self::AeadAes256Gcm => &PROFILES[1],
            Self::Aes128CmSha1_80 => &PROFILES[2],
        }
    }
}

impl fmt::Display for SrtpProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_lists_each_profile_at_its_place() {
        for (profile, number, name, ..) in PROFILES {
            assert_eq!((profile.wire(), profile.name()), (number, name));
        }
    }
}
