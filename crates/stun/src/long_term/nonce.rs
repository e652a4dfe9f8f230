//! Nonces that a server recognizes without keeping them, and the features in front of them, RFC
//! 8489 §9.2 and §18.1.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sansio::{Instant, Rng};

use crate::IntegrityKey;
use crate::message::HEADER;

/// Begins the nonce of a server that knows RFC 8489.
const COOKIE: &[u8] = b"obMatJos2";

/// Characters of the features: 24 bits.
const FEATURES: usize = 4;

/// Bytes of the code in a nonce.
const CODE: usize = 8;

/// What a server can do, 24 bits of its nonce. Bit 0 is the rightmost (erratum 6290).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features(u32);

impl Features {
    /// Bit 0: it knows password algorithms.
    pub const PASSWORD_ALGORITHMS: Self = Self(1);
    /// Bit 1: it finds users by the hash of their name.
    pub const USERNAME_ANONYMITY: Self = Self(2);

    /// What the nonce says; nothing if it does not begin with the cookie.
    pub fn of(nonce: &[u8]) -> Self {
        let coded = nonce.strip_prefix(COOKIE).and_then(|rest| rest.get(..FEATURES));
        let bits = coded.and_then(|coded| STANDARD_NO_PAD.decode(coded).ok());
        match bits.as_deref() {
            Some(&[b0, b1, b2]) => Self(u32::from_be_bytes([0, b0, b1, b2])),
            _ => Self::default(),
        }
    }

    /// Those of both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` are among these.
    pub const fn contain(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Makes nonces and recognizes them: the time at which one expires, and a code over that and the
/// address it was made for.
#[derive(Debug)]
pub(super) struct Nonces {
    key: IntegrityKey,
    features: Features,
    lifetime: Duration,
}

impl Nonces {
    pub(super) fn new(features: Features, lifetime: Duration, rng: &mut dyn Rng) -> Self {
        let mut secret = [0; 32];
        rng.fill(&mut secret);
        Self { key: IntegrityKey::from_bytes(&secret), features, lifetime }
    }

    pub(super) const fn features(&self) -> Features {
        self.features
    }

    /// A fresh nonce for this address.
    pub(super) fn make(&self, now: Instant, source: SocketAddr) -> String {
        let expires = seconds(now + self.lifetime);
        let [_, features @ ..] = self.features.0.to_be_bytes();
        let mut nonce = String::with_capacity(32);
        nonce.extend(COOKIE.iter().map(|byte| char::from(*byte)));
        STANDARD_NO_PAD.encode_string(features, &mut nonce);
        let mut bytes = Vec::with_capacity(24);
        bytes.extend_from_slice(&expires.to_be_bytes());
        self.code(expires, source).write(&mut bytes);
        STANDARD_NO_PAD.encode_string(&bytes[..4 + CODE], &mut nonce);
        nonce
    }

    /// Whether the nonce was made here for this address, and has not expired.
    pub(super) fn is_fresh(&self, now: Instant, source: SocketAddr, nonce: &[u8]) -> bool {
        let coded = nonce.get(COOKIE.len() + FEATURES..).unwrap_or_default();
        let Ok(bytes) = STANDARD_NO_PAD.decode(coded) else { return false };
        let Some((expires, code)) = bytes.split_first_chunk::<4>() else { return false };
        let expires = u32::from_be_bytes(*expires);
        Features::of(nonce) == self.features
            && expires > seconds(now)
            && code.len() == CODE
            && self.code(expires, source).begins_with(code)
    }

    fn code(&self, expires: u32, source: SocketAddr) -> crate::hmac::Digest<5> {
        let ip = match source.ip() {
            IpAddr::V4(ip) => ip.to_ipv6_mapped(),
            IpAddr::V6(ip) => ip,
        };
        let mut text = [0; HEADER];
        text[..4].copy_from_slice(&expires.to_be_bytes());
        text[4..].copy_from_slice(&ip.octets());
        self.key.sha1.code(&text, &source.port().to_be_bytes())
    }
}

/// Seconds since the epoch of the machine: 136 years fit.
fn seconds(instant: Instant) -> u32 {
    u32::try_from(instant.as_nanos() / 1_000_000_000).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_counted_from_the_right() {
        assert_eq!(Features::of(b"obMatJos2AAACf//499k"), Features::USERNAME_ANONYMITY);
        assert_eq!(Features::of(b"obMatJos2AAAB"), Features::PASSWORD_ALGORITHMS);
        let both = Features::PASSWORD_ALGORITHMS.with(Features::USERNAME_ANONYMITY);
        assert_eq!(Features::of(b"obMatJos2AAAD"), both);
        assert!(both.contain(Features::PASSWORD_ALGORITHMS));
        for nothing in [&b""[..], b"obMatJos2", b"obMatJos2AAA", b"obMatJos3AAAD", b"obMatJos2??AD"]
        {
            assert_eq!(Features::of(nothing), Features::default());
        }
    }

    #[test]
    fn a_nonce_is_good_for_one_address_and_its_lifetime() {
        let mut rng = testkit::SeededRng::new(1);
        let nonces = Nonces::new(Features(3), Duration::from_secs(600), &mut rng);
        let (now, source) = (Instant::from_millis(5000), "192.0.2.1:5000".parse().unwrap());
        let nonce = nonces.make(now, source);
        assert_eq!(nonce.len(), 29);
        assert!(nonces.is_fresh(now, source, nonce.as_bytes()));
        assert!(nonces.is_fresh(now + Duration::from_secs(599), source, nonce.as_bytes()));
        assert!(!nonces.is_fresh(now + Duration::from_secs(600), source, nonce.as_bytes()));
        let others = ["192.0.2.1:5001", "192.0.2.2:5000", "[::ffff:192.0.2.2]:5000"];
        for other in others.map(|other| other.parse().unwrap()) {
            assert!(!nonces.is_fresh(now, other, nonce.as_bytes()));
        }
        for at in 0..nonce.len() {
            let mut forged = nonce.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            assert!(!nonces.is_fresh(now, source, &forged), "{at}");
            assert!(!nonces.is_fresh(now, source, &nonce.as_bytes()[..at]), "{at}");
        }
    }
}
