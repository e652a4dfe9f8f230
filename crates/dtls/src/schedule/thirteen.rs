//! The key schedule of DTLS 1.3, RFC 8446 §7.
//!
//! ```text
//!  0 ─► Extract ─► early           (no resumption here)
//!          │ "derived"
//!  shared ─► Extract ─► handshake ──► "c hs traffic", "s hs traffic"    ClientHello…ServerHello
//!          │ "derived"
//!  0 ─► Extract ─► master ──► "c ap traffic", "s ap traffic", "exp master"   …server's Finished
//! ```

use zeroize::Zeroizing;

use crate::crypto::{Crypto, CryptoError};
use crate::record::Keys;
use crate::{CipherSuite, Role};

use super::Secret;
use super::hkdf::Hkdf;

/// One secret for what each side sends.
pub(crate) struct Traffic {
    pub(crate) client: Secret,
    pub(crate) server: Secret,
}

impl Traffic {
    /// The secret for what this side sends.
    pub(crate) fn of(&self, role: Role) -> &Secret {
        match role {
            Role::Client => &self.client,
            Role::Server => &self.server,
        }
    }
}

/// The schedule between the two key derivations.
pub(crate) struct Handshake {
    suite: CipherSuite,
    pub(crate) traffic: Traffic,
    master: Secret,
}

impl Handshake {
    /// From the shared secret and the hash of ClientHello to ServerHello.
    pub(crate) fn new(
        crypto: &dyn Crypto,
        suite: CipherSuite,
        shared: &[u8],
        transcript: &[u8],
    ) -> Self {
        Self::with(Hkdf::new(crypto, suite.hash()), suite, shared, transcript)
    }

    fn with(hkdf: Hkdf<'_>, suite: CipherSuite, shared: &[u8], transcript: &[u8]) -> Self {
        let (zeros, nothing) = (hkdf.zeros(), hkdf.digest(&[]));
        let derived = |secret| hkdf.derive(secret, b"derived", nothing.as_bytes());
        let early = hkdf.extract(&[], zeros.as_bytes());
        let handshake = hkdf.extract(derived(&early).as_bytes(), shared);
        let master = hkdf.extract(derived(&handshake).as_bytes(), zeros.as_bytes());
        let traffic = Traffic {
            client: hkdf.derive(&handshake, b"c hs traffic", transcript),
            server: hkdf.derive(&handshake, b"s hs traffic", transcript),
        };
        Self { suite, traffic, master }
    }

    /// With secrets from a key log: enough for Finished messages.
    #[cfg(test)]
    pub(crate) fn of_traffic(suite: CipherSuite, traffic: Traffic) -> Self {
        Self { suite, traffic, master: Secret::new(0, |_| {}) }
    }

    pub(crate) fn suite(&self) -> CipherSuite {
        self.suite
    }

    /// From the hash of ClientHello to the server's Finished: the secrets for application data, and
    /// the one for exporters.
    pub(crate) fn application(&self, crypto: &dyn Crypto, transcript: &[u8]) -> (Traffic, Secret) {
        self.application_with(Hkdf::new(crypto, self.suite.hash()), transcript)
    }

    fn application_with(&self, hkdf: Hkdf<'_>, transcript: &[u8]) -> (Traffic, Secret) {
        let derive = |label| hkdf.derive(&self.master, label, transcript);
        let traffic = Traffic { client: derive(b"c ap traffic"), server: derive(b"s ap traffic") };
        (traffic, derive(b"exp master"))
    }

    /// What this side's Finished says of a transcript (RFC 8446 §4.4.4).
    pub(crate) fn verify_data(&self, crypto: &dyn Crypto, role: Role, transcript: &[u8]) -> Secret {
        self.verify_data_with(Hkdf::new(crypto, self.suite.hash()), role, transcript)
    }

    fn verify_data_with(&self, hkdf: Hkdf<'_>, role: Role, transcript: &[u8]) -> Secret {
        let key = hkdf.derive(self.traffic.of(role), b"finished", &[]);
        Secret::new(hkdf.hash.digest_len(), |out| {
            hkdf.crypto.hmac(hkdf.hash, key.as_bytes(), &[transcript], out);
        })
    }
}

/// The keys that follow from a traffic secret (RFC 8446 §7.3, RFC 9147 §4.2.3).
pub(crate) fn keys(
    crypto: &dyn Crypto,
    suite: CipherSuite,
    secret: &Secret,
) -> Result<Keys, CryptoError> {
    let hkdf = Hkdf::new(crypto, suite.hash());
    let (mut key, mut mask) = (Zeroizing::new([0; 32]), Zeroizing::new([0; 32]));
    let mut iv = [0; 12];
    let (key, _) = key.split_at_mut(suite.aead().key_len());
    let (mask, _) = mask.split_at_mut(suite.aead().key_len());
    hkdf.expand(secret.as_bytes(), b"key", &[], key);
    hkdf.expand(secret.as_bytes(), b"iv", &[], &mut iv);
    hkdf.expand(secret.as_bytes(), b"sn", &[], mask);
    Keys::thirteen(crypto, suite, key, iv, mask)
}

/// The secret after a key update (RFC 8446 §7.2).
pub(crate) fn next(crypto: &dyn Crypto, suite: CipherSuite, secret: &Secret) -> Secret {
    Hkdf::new(crypto, suite.hash()).derive(secret, b"traffic upd", &[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{HashFunction, Ring};

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| u8::try_from(c.to_digit(16).expect("hex")).expect("small"))
            .collect();
        digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
    }

    /// RFC 8448 §3, with the labels of TLS.
    #[test]
    fn gives_what_the_example_says() {
        let vectors = include_str!("../../tests/vectors/rfc8448.hex");
        let row = |name: &str| {
            let line = vectors.lines().find(|line| line.starts_with(name)).expect("a row");
            hex(&line[name.len()..])
        };
        let hkdf = Hkdf::tls(&Ring, HashFunction::Sha256);
        let suite = CipherSuite(0x1301);
        let schedule =
            Handshake::with(hkdf, suite, &row("shared"), &row("client_hello_server_hello_hash"));
        assert!(schedule.traffic.client.matches(&row("client_handshake_traffic")));
        assert!(schedule.traffic.server.matches(&row("server_handshake_traffic")));
        assert!(schedule.master.matches(&row("master")));
        let (traffic, exporter) = schedule.application_with(hkdf, &row("server_finished_hash"));
        assert!(traffic.client.matches(&row("client_application_traffic")));
        assert!(traffic.server.matches(&row("server_application_traffic")));
        assert!(exporter.matches(&row("exporter_master")));
        let data = schedule.verify_data_with(hkdf, Role::Client, &row("server_finished_hash"));
        assert!(data.matches(&row("client_verify_data")));
    }

    #[test]
    fn an_update_gives_another_secret() {
        let secret = Secret::new(32, |out| out.fill(7));
        let updated = next(&Ring, CipherSuite(0x1301), &secret);
        assert!(!updated.matches(secret.as_bytes()));
        assert!(next(&Ring, CipherSuite(0x1301), &secret).matches(updated.as_bytes()));
    }
}
