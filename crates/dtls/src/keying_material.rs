//! The keys that DTLS hands to SRTP, RFC 5764 §4.2.

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{Role, SrtpProfile};

/// Two keys and two salts of the largest profile: 2 * (32 + 12).
const MAX: usize = 88;

/// The master keys and salts of both directions. Wiped when dropped, and not shown in `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct KeyingMaterial {
    #[zeroize(skip)]
    profile: SrtpProfile,
    bytes: [u8; MAX],
}

/// What one side protects its packets with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MasterKey<'a> {
    /// The master key.
    pub key: &'a [u8],
    /// The master salt.
    pub salt: &'a [u8],
}

impl KeyingMaterial {
    /// Takes the exporter's output, which must be as long as the profile says.
    pub(crate) fn new(profile: SrtpProfile, exported: &[u8]) -> Option<Self> {
        let mut bytes = [0; MAX];
        let len = 2 * (profile.key_len() + profile.salt_len());
        if exported.len() != len {
            return None;
        }
        bytes.get_mut(..len)?.copy_from_slice(exported);
        Some(Self { profile, bytes })
    }

    /// The profile these keys are for.
    pub fn profile(&self) -> SrtpProfile {
        self.profile
    }

    /// What the side with this role in the handshake protects its packets with; the other side
    /// opens them with the same.
    ///
    /// ```text
    /// client key | server key | client salt | server salt      RFC 5764 §4.2
    /// ```
    pub fn written_by(&self, role: Role) -> MasterKey<'_> {
        let (key, salt) = (self.profile.key_len(), self.profile.salt_len());
        let (keys, rest) = self.bytes.split_at(2 * key);
        let (salts, _) = rest.split_at(2 * salt);
        let ((client_key, server_key), (client_salt, server_salt)) =
            (keys.split_at(key), salts.split_at(salt));
        match role {
            Role::Client => MasterKey { key: client_key, salt: client_salt },
            Role::Server => MasterKey { key: server_key, salt: server_salt },
        }
    }
}

impl fmt::Debug for KeyingMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyingMaterial").field("profile", &self.profile).finish_non_exhaustive()
    }
}

impl fmt::Debug for MasterKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterKey").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(profile: SrtpProfile) -> KeyingMaterial {
        let len = 2 * (profile.key_len() + profile.salt_len());
        let exported: Vec<u8> = (0..).take(len).collect();
        KeyingMaterial::new(profile, &exported).expect("the length is right")
    }

    #[test]
    fn splits_in_the_order_of_the_rfc() {
        let material = counted(SrtpProfile::Aes128CmSha1_80);
        let (client, server) =
            (material.written_by(Role::Client), material.written_by(Role::Server));
        let range = |bytes: &[u8]| (bytes[0], bytes.len());
        assert_eq!((range(client.key), range(server.key)), ((0, 16), (16, 16)));
        assert_eq!((range(client.salt), range(server.salt)), ((32, 14), (46, 14)));
    }

    #[test]
    fn refuses_another_length() {
        assert!(KeyingMaterial::new(SrtpProfile::AeadAes128Gcm, &[0; 55]).is_none());
        assert!(KeyingMaterial::new(SrtpProfile::AeadAes256Gcm, &[0; 88]).is_some());
    }

    #[test]
    fn debug_shows_no_key() {
        let material = counted(SrtpProfile::AeadAes128Gcm);
        let text = format!("{material:?} {:?}", material.written_by(Role::Client));
        assert_eq!(text, "KeyingMaterial { profile: AeadAes128Gcm, .. } MasterKey { .. }");
    }

    #[test]
    fn wipes_its_bytes() {
        let mut material = counted(SrtpProfile::AeadAes256Gcm);
        material.zeroize();
        assert_eq!(material.bytes, [0; MAX]);
    }
}
