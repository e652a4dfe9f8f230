//! What a connection can be told.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt::Debug;
use core::time::Duration;

use thiserror::Error;

use crate::signature_scheme::VERIFIED;
use crate::{
    Certificate, CipherSuite, Connection, Crypto, NamedGroup, ProtocolVersion, Ring,
    SignatureScheme, SrtpProfile,
};

/// Which side of the handshake an endpoint is on; `a=setup` in SDP decides it (RFC 8842).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Sends the first message: `a=setup:active`.
    Client,
    /// Waits for it: `a=setup:passive`.
    Server,
}

impl Role {
    /// The role of the other side.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

/// The versions a connection may end up with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Versions {
    /// DTLS 1.3 if the other side speaks it, 1.2 if not.
    #[default]
    Both,
    /// DTLS 1.2 alone.
    Dtls12,
    /// DTLS 1.3 alone.
    Dtls13,
}

impl Versions {
    /// Newest first.
    pub(crate) fn list(self) -> &'static [ProtocolVersion] {
        match self {
            Self::Both => &[ProtocolVersion::Dtls13, ProtocolVersion::Dtls12],
            Self::Dtls12 => &[ProtocolVersion::Dtls12],
            Self::Dtls13 => &[ProtocolVersion::Dtls13],
        }
    }

    pub(crate) fn contain(self, version: ProtocolVersion) -> bool {
        self.list().contains(&version)
    }
}

/// What a server demands of its client. A client that knows no more shows its certificate to whoever
/// asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ClientAuthentication {
    /// A certificate with an announced fingerprint (RFC 8827 §6.5).
    #[default]
    Required,
    /// Nothing: the server does not ask, and knows nobody. For protocols in which only servers
    /// have certificates, such as TURN over DTLS (RFC 7350). The list of fingerprints may be empty.
    /// A client that is asked nevertheless says that it has none (RFC 5246 §7.4.6, RFC 8446 §4.4.2).
    NotRequested,
}

/// What a client demands of its server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ServerAuthentication {
    /// A certificate with an announced fingerprint (RFC 8827 §6.5).
    #[default]
    Fingerprint,
    /// Certificates that the caller accepts: for servers that are known by name, whose certificates
    /// others vouch for. The handshake halts at [`Event::CertificatePresented`](crate::Event) until
    /// [`accept_certificate`](crate::Connection::accept_certificate). The list of fingerprints may
    /// be empty.
    Caller,
}

/// Takes secrets, so that a capture can be read. Whoever has them can read the connection, and
/// its SRTP: for debugging alone.
pub trait KeyLog: Send + Sync + Debug {
    /// A line of an `SSLKEYLOGFILE`, without its end: label, client's random, secret. Wireshark
    /// reads it.
    fn log(&self, line: &str);
}

/// How a connection behaves. [`Config::new`] gives the defaults.
#[derive(Clone, Debug)]
pub struct Config {
    /// What this side shows of itself.
    pub certificate: Arc<Certificate>,
    /// Versions to offer or accept. Default: both.
    pub versions: Versions,
    /// Groups for key agreement, in order of preference: what a client offers, and a server chooses
    /// from. A client of DTLS 1.3 sends shares for the first two, and another one takes a round trip
    /// more. What [`crypto`](Self::crypto) does not have is passed over; DTLS 1.2 has curves alone.
    ///
    /// Default: X25519MLKEM768, which is safe from quantum computers, X25519, P-256, P-384, as
    /// browsers do.
    pub groups: Arc<[NamedGroup]>,
    /// Cipher suites, in order of preference: what a client offers, and a server chooses from. Those
    /// of 1.2 and 1.3 are not the same, and each of [`versions`](Self::versions) needs one. What
    /// [`crypto`](Self::crypto) does not have is passed over.
    ///
    /// Default: all that there are, [`CipherSuite::ALL`]: AES-128-GCM, which is the fastest and
    /// strong enough, AES-256-GCM, ChaCha20-Poly1305.
    pub cipher_suites: Arc<[CipherSuite]>,
    /// Largest datagram of the handshake, in bytes, 256 to 2048. Application records are as long
    /// as what is sealed.
    ///
    /// Default: what crosses every IPv6 path, even inside a relay's Send indication to an IPv6
    /// peer (RFC 8656 §11: header 20, XOR-PEER-ADDRESS 24, DATA 4):
    /// `1280 - 40 (IPv6) - 8 (UDP) - 48 = 1184`.
    pub mtu: usize,
    /// How long the first flight waits for an answer before it is sent again; doubled each time
    /// (RFC 6347 §4.2.4.1, RFC 9147 §5.8.2), and spread by a quarter either way so that two ends
    /// do not keep step.
    ///
    /// Default: the RFC's second, for when nothing is known of the path. Who knows its round-trip
    /// time gives twice that, between 50 ms and 3 s.
    pub retransmit_initial: Duration,
    /// How long the handshake may take, from its first datagram. Default: 30 s, about as long as
    /// ICE keeps trying (RFC 8445 §14.3).
    pub handshake_timeout: Duration,
    /// SRTP profiles to offer, and to choose from as a server, in order of preference; empty: no
    /// `use_srtp`. Default: AES-GCM with 128 and 256 bits, then AES-CM with SHA-1, which costs four
    /// times as much and is what a browser lists first.
    pub srtp_profiles: Arc<[SrtpProfile]>,
    /// Whether a server makes sure that a client can be reached before it sends it much (RFC 6347
    /// §4.2.1, RFC 9147 §5.1), for one more round trip. The cookie is random and kept in the connection,
    /// which exists from the first datagram on and holds 8 KiB of it at most: this keeps strangers
    /// from making a server send, not from making it remember. Default: not, because ICE has made sure
    /// (RFC 8827 §6.5).
    pub cookies: bool,
    /// What a server demands of its client, and whether a client that is asked shows its
    /// certificate. Default: the certificate that was announced.
    pub client_authentication: ClientAuthentication,
    /// What a client demands of its server. Default: the certificate that was announced.
    pub server_authentication: ServerAuthentication,
    /// The name by which a client wants its server, of 1 to 255 bytes of ASCII, for servers that
    /// have several (RFC 6066 §3). It travels in the clear, and never is an address.
    ///
    /// Default: none. A server passes over what its client wants: it has one certificate.
    pub server_name: Option<Box<str>>,
    /// Whether a server of DTLS 1.3 may send application data right behind its first flight, half a
    /// round trip before it knows its client (RFC 8446 §4.4.4: only what may be said to anybody).
    ///
    /// Default: not, because in WebRTC there is nothing to say to a stranger.
    pub early_server_data: bool,
    /// Most bytes of plaintext that the other side is asked to put into a record, 64 to 16384 (RFC
    /// 8449 §4). Who does not know the extension may send more, and that is taken too. Default:
    /// 16384, the most there can be.
    pub record_size_limit: usize,
    /// Names of application protocols, 1 to 255 bytes each, in order of preference (RFC 7301):
    /// what a client offers, and what a server chooses from if its client offers any; then one of
    /// them must be common to both. RFC 8833 has `webrtc`.
    ///
    /// Default: none, as browsers do. A server then passes over what its client offers, and all
    /// names are as good.
    pub application_protocols: Arc<[Box<[u8]>]>,
    /// Most bytes of handshake messages, of records before their keys, and of application records
    /// before the end of the handshake, that wait for what belongs before them, each; of a
    /// ClientHello never more than 8192. Default: 32768: a chain of certificates, and some.
    pub max_handshake_bytes: usize,
    /// Where secrets are told. Default: nowhere.
    pub key_log: Option<Arc<dyn KeyLog>>,
    /// Where cryptography comes from. Default: [`Ring`].
    pub crypto: Arc<dyn Crypto>,
}

impl Config {
    /// Smallest and largest [`mtu`](Self::mtu).
    pub const MTU_RANGE: core::ops::RangeInclusive<usize> = 256..=2048;
    /// Smallest (RFC 8449 §4) and largest [`record_size_limit`](Self::record_size_limit).
    pub const RECORD_SIZE_RANGE: core::ops::RangeInclusive<usize> = 64..=Connection::MAX_PLAINTEXT;
    /// Most bytes of all [`application_protocols`](Self::application_protocols), a byte more for
    /// each: what does not make a ClientHello much longer.
    pub const MAX_PROTOCOLS: usize = 1024;

    /// The defaults, with this certificate.
    pub fn new(certificate: Arc<Certificate>) -> Self {
        Self {
            certificate,
            versions: Versions::Both,
            groups: Arc::new([
                NamedGroup::X25519_MLKEM768,
                NamedGroup::X25519,
                NamedGroup::P256,
                NamedGroup::P384,
            ]),
            cipher_suites: Arc::new(CipherSuite::ALL),
            mtu: 1184,
            retransmit_initial: Duration::from_secs(1),
            handshake_timeout: Duration::from_secs(30),
            srtp_profiles: Arc::new([
                SrtpProfile::AeadAes128Gcm,
                SrtpProfile::AeadAes256Gcm,
                SrtpProfile::Aes128CmSha1_80,
            ]),
            cookies: false,
            client_authentication: ClientAuthentication::Required,
            server_authentication: ServerAuthentication::Fingerprint,
            server_name: None,
            early_server_data: false,
            record_size_limit: Connection::MAX_PLAINTEXT,
            application_protocols: Arc::new([]),
            max_handshake_bytes: 32_768,
            key_log: None,
            crypto: Arc::new(Ring),
        }
    }

    /// The groups that can be used, in order of preference.
    pub(crate) fn usable_groups(&self) -> impl Iterator<Item = NamedGroup> + Clone {
        let there = self.crypto.groups();
        self.groups.iter().copied().filter(|group| there.contains(group))
    }

    /// Those of them that DTLS 1.2 has.
    pub(crate) fn usable_curves(&self) -> impl Iterator<Item = NamedGroup> + Clone {
        self.usable_groups().filter(|group| group.is_curve())
    }

    /// The suites of a version that can be used, in order of preference.
    pub(crate) fn usable_suites(
        &self,
        version: ProtocolVersion,
    ) -> impl Iterator<Item = CipherSuite> {
        let there = self.crypto.aeads();
        let of_version = move |suite: &CipherSuite| suite.version() == Some(version);
        self.cipher_suites
            .iter()
            .copied()
            .filter(of_version)
            .filter(|one| there.contains(&one.aead()))
    }

    /// The schemes by which the other side may sign, in order of preference.
    pub(crate) fn verified(&self) -> impl Iterator<Item = SignatureScheme> {
        self.crypto.signature_schemes().iter().copied().filter(|scheme| VERIFIED.contains(scheme))
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        const YEAR: Duration = Duration::from_secs(365 * 86_400);
        if !Self::MTU_RANGE.contains(&self.mtu) {
            return Err(ConfigError::Mtu { mtu: self.mtu });
        }
        if !Self::RECORD_SIZE_RANGE.contains(&self.record_size_limit) {
            return Err(ConfigError::RecordSizeLimit { limit: self.record_size_limit });
        }
        for timer in [self.retransmit_initial, self.handshake_timeout] {
            if !(Duration::from_millis(1)..YEAR).contains(&timer) {
                return Err(ConfigError::Timer { timer });
            }
        }
        let of_13 = self.versions.contain(ProtocolVersion::Dtls13);
        if self.usable_curves().next().is_none()
            && !(of_13 && self.usable_groups().next().is_some())
        {
            return Err(ConfigError::NoGroup);
        }
        for version in self.versions.list().iter().copied() {
            if self.usable_suites(version).next().is_none() {
                return Err(ConfigError::NoCipherSuite { version });
            }
        }
        if self.verified().next().is_none() {
            return Err(ConfigError::NoSignatureScheme);
        }
        let names = self.application_protocols.iter().map(|name| name.len());
        let total = names.clone().map(|len| len.saturating_add(1)).sum::<usize>();
        if names.clone().any(|len| !(1..=255).contains(&len)) || total > Self::MAX_PROTOCOLS {
            return Err(ConfigError::ApplicationProtocols { total });
        }
        let name = self.server_name.as_deref().unwrap_or("default");
        if !(1..=255).contains(&name.len()) || !name.is_ascii() {
            return Err(ConfigError::ServerName { len: name.len() });
        }
        Ok(())
    }
}

/// Why a connection cannot begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// Nothing to know the other side by.
    #[error("the other side announced no fingerprint")]
    NoFingerprint,
    /// None of [`Config::groups`] can be used.
    #[error("none of the groups can be used with this cryptography and these versions")]
    NoGroup,
    /// None of [`Config::cipher_suites`] can be used with one of the versions.
    #[error("none of the cipher suites can be used with this cryptography and {version}")]
    NoCipherSuite {
        /// That version.
        version: ProtocolVersion,
    },
    /// The cryptography verifies no signature that this crate knows.
    #[error("the cryptography verifies no signature scheme of DTLS")]
    NoSignatureScheme,
    /// [`Config::mtu`] is out of range.
    #[error("an MTU of {mtu}, must be 256 to 2048")]
    Mtu {
        /// What was given.
        mtu: usize,
    },
    /// [`Config::record_size_limit`] is out of range.
    #[error("a record size limit of {limit}, must be 64 to 16384")]
    RecordSizeLimit {
        /// What was given.
        limit: usize,
    },
    /// [`Config::retransmit_initial`] or [`Config::handshake_timeout`] is out of range.
    #[error("a timer of {timer:?}, must be a millisecond to a year")]
    Timer {
        /// What was given.
        timer: Duration,
    },
    /// [`Config::application_protocols`] has a name that is empty or too long, or too many of them.
    #[error("application protocols of {total} bytes: names have 1 to 255, all together 1024")]
    ApplicationProtocols {
        /// Bytes of all names, one more for each.
        total: usize,
    },
    /// [`Config::server_name`] is empty, too long, or not in ASCII.
    #[error("a server's name of {len} bytes: 1 to 255, in ASCII")]
    ServerName {
        /// Its bytes.
        len: usize,
    },
    /// The cryptography has no randomness, or none of the groups that it claims.
    #[error("the cryptography gave no key share")]
    Crypto,
}
