//! Session keys from a master key, RFC 3711 §4.3, RFC 6188 §3, RFC 7714 §11.

use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::authenticator;
use crate::keystream::Keystream;
use crate::{KeyError, Profile};

/// The longest key.
const MAX_KEY: usize = 32;

/// What a session key is for, RFC 3711 §4.3.2: encryption, authentication, salt. Labels six and
/// seven are those of RFC 6904.
const RTP_LABELS: [u8; 3] = [0, 1, 2];
const RTCP_LABELS: [u8; 3] = [3, 4, 5];

/// Which packets a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Rtp,
    Rtcp,
}

/// The keys of one direction for one protocol. Wiped when dropped.
#[derive(ZeroizeOnDrop)]
pub(crate) struct SessionKeys {
    #[zeroize(skip)]
    profile: Profile,
    /// As many bytes as the profile says.
    encryption: [u8; MAX_KEY],
    pub(crate) authentication: [u8; authenticator::KEY],
    /// Aligned to the right, as in both formulas that use it.
    pub(crate) salt: u128,
}

impl SessionKeys {
    #[cfg(test)]
    pub(crate) fn from_parts(profile: Profile, encryption: &[u8], salt: &[u8]) -> Self {
        let mut keys =
            Self { profile, encryption: [0; MAX_KEY], authentication: [0; 20], salt: number(salt) };
        keys.encryption.iter_mut().zip(encryption).for_each(|(to, from)| *to = *from);
        keys
    }

    /// The key of the cipher.
    pub(crate) fn encryption(&self) -> &[u8] {
        self.encryption.get(..self.profile.key_len()).unwrap_or(&self.encryption)
    }
}

/// The pseudo-random function of a master key: AES in counter mode, as long as the key (RFC 6188
/// §3, and RFC 7714 §11 for GCM). No key derivation rate: keys are derived once.
pub(crate) struct Derivation {
    profile: Profile,
    keystream: Keystream,
    salt: Zeroizing<u128>,
}

impl Derivation {
    pub(crate) fn new(profile: Profile, key: &[u8], salt: &[u8]) -> Result<Self, KeyError> {
        if salt.len() != profile.salt_len() {
            return Err(KeyError::Salt { needed: profile.salt_len(), had: salt.len() });
        }
        let keystream = Keystream::new(key).filter(|_| key.len() == profile.key_len());
        let keystream =
            keystream.ok_or(KeyError::Key { needed: profile.key_len(), had: key.len() })?;
        // x of RFC 3711 §4.3.1 has 112 bits, and its block counter 16. A salt of 96 bits is
        // filled up with zeros on the right.
        let unused: u32 = if salt.len() == 12 { 32 } else { 16 };
        let salt = Zeroizing::new(number(salt).checked_shl(unused).unwrap_or_default());
        Ok(Self { profile, keystream, salt })
    }

    pub(crate) fn keys(&self, protocol: Protocol) -> SessionKeys {
        let [encryption, authentication, salt] = match protocol {
            Protocol::Rtp => RTP_LABELS,
            Protocol::Rtcp => RTCP_LABELS,
        };
        let mut keys = SessionKeys {
            profile: self.profile,
            encryption: [0; MAX_KEY],
            authentication: [0; authenticator::KEY],
            salt: 0,
        };
        self.derive(encryption, &mut keys.encryption);
        self.derive(authentication, &mut keys.authentication);
        let mut bytes = Zeroizing::new([0; 14]);
        if let Some(bytes) = bytes.get_mut(..self.profile.salt_len()) {
            self.derive(salt, bytes);
            keys.salt = number(bytes);
        }
        keys
    }

    /// RFC 3711 §4.3.1: the label stands 48 bits above the end of x, where the index over the key
    /// derivation rate would be, which is zero.
    fn derive(&self, label: u8, out: &mut [u8]) {
        out.fill(0);
        self.keystream.apply(*self.salt ^ u128::from(label) << (48 + 16), out);
    }
}

/// The number that is written so.
fn number(bytes: &[u8]) -> u128 {
    bytes.iter().fold(0, |number, byte| number << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors;

    fn derived(profile: Profile, key: &[u8], salt: &[u8], label: u8, len: usize) -> Vec<u8> {
        let mut out = vec![0xff; len];
        Derivation::new(profile, key, salt).expect("of the right length").derive(label, &mut out);
        out
    }

    /// RFC 3711 §B.3.
    #[test]
    fn keys_are_those_of_rfc_3711() {
        let vector = include_str!("../tests/vectors/rfc3711_b_3_key_derivation.hex");
        let [key, salt, encryption, session_salt, authentication] = vectors::fields(vector);
        let derive = |label, len| derived(Profile::Aes128CmHmacSha1_80, &key, &salt, label, len);
        assert_eq!(derive(0, 16), encryption);
        assert_eq!(derive(2, 14), session_salt);
        assert_eq!(derive(1, 94), authentication);
    }

    /// RFC 6188 §7.2.
    #[test]
    fn keys_are_those_of_rfc_6188() {
        let vector = include_str!("../tests/vectors/rfc6188_7_2_key_derivation.hex");
        let [key, salt, encryption, session_salt, authentication] = vectors::fields(vector);
        let derive = |label, len| derived(Profile::Aes256CmHmacSha1_80, &key, &salt, label, len);
        assert_eq!(derive(0, 32), encryption);
        assert_eq!(derive(2, 14), session_salt);
        assert_eq!(derive(1, 20), authentication);
    }

    #[test]
    fn each_protocol_has_its_own_keys() {
        let derivation =
            Derivation::new(Profile::AeadAes256Gcm, &[1; 32], &[2; 12]).expect("valid");
        let (rtp, rtcp) = (derivation.keys(Protocol::Rtp), derivation.keys(Protocol::Rtcp));
        assert_eq!((rtp.encryption().len(), rtp.salt >> 96), (32, 0));
        assert_ne!(rtp.encryption(), rtcp.encryption());
        assert_ne!(rtp.authentication, rtcp.authentication);
        assert_ne!(rtp.salt, rtcp.salt);
    }

    #[test]
    fn keys_and_salts_of_another_length_are_refused() {
        let profile = Profile::AeadAes128Gcm;
        let error =
            |key: usize, salt: usize| Derivation::new(profile, &vec![0; key], &vec![0; salt]).err();
        assert_eq!(error(16, 12), None);
        assert_eq!(error(16, 14), Some(KeyError::Salt { needed: 12, had: 14 }));
        assert_eq!(error(32, 12), Some(KeyError::Key { needed: 16, had: 32 }));
        assert_eq!(error(0, 12), Some(KeyError::Key { needed: 16, had: 0 }));
    }
}
