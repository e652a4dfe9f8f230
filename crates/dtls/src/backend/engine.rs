//! One connection of the library.

use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

use sansio::{Clock, Instant};

use crate::{
    Config, ConfigError, KeyingMaterial, ProtocolVersion, Role, SealError, SrtpProfile, State,
    Versions,
};

use super::Failure;

/// Flights are sent again until the handshake's time is over, not a number of times.
const RETRANSMISSIONS: usize = 64;
/// What the library calls "no timer" is years away.
const NO_TIMER: Duration = Duration::from_secs(365 * 86_400);

/// The handshake and the records of one connection.
pub(crate) struct Engine {
    dtls: dimpl::Dtls,
    clock: Clock,
    /// The last tick.
    now: Instant,
    deadline: Option<Instant>,
}

/// What [`Engine::poll`] found. Bytes lie at the beginning of its buffer.
#[derive(Debug)]
pub(crate) enum Output {
    /// A datagram to send.
    Datagram(usize),
    /// A datagram that does not fit into the buffer; it stays.
    NeedsRoom(usize),
    /// The other side's certificate in DER. Nothing before this has used its key.
    Certificate(usize),
    /// The handshake is complete.
    Connected,
    /// What the exporter gives SRTP. Follows `Connected`.
    Keys(KeyingMaterial),
    /// Application data.
    Application(usize),
    /// The other side says goodbye.
    CloseNotify,
    /// Nothing more for now.
    Idle,
}

impl Engine {
    /// A connection that has not begun. `seed` drives what is random but no secret: hello randoms,
    /// the spread of timers.
    pub(crate) fn new(
        now: Instant,
        config: &Config,
        role: Role,
        seed: u64,
    ) -> Result<Self, ConfigError> {
        let settings = dimpl::Config::builder()
            .mtu(config.mtu)
            // ICE has authenticated the path before the first datagram comes (RFC 8827 §6.5).
            .use_server_cookie(false)
            .flight_start_rto(config.retransmit_initial)
            .flight_retries(RETRANSMISSIONS)
            .handshake_timeout(config.handshake_timeout)
            .dangerously_set_rng_seed(seed)
            .build()
            .map_err(|_| ConfigError::Crypto)?;
        let certificate = dimpl::DtlsCertificate {
            certificate: config.certificate.der().to_vec(),
            private_key: config.certificate.private_key_der().to_vec(),
        };
        // The library wants the standard library's time. It is made from ours here and in
        // `Engine::tick`, by a clock whose epoch is arbitrary: only differences count.
        let clock = Clock::start();
        let start = match config.versions {
            Versions::Both => dimpl::Dtls::new_auto,
            Versions::Dtls12 => dimpl::Dtls::new_12,
            Versions::Dtls13 => dimpl::Dtls::new_13,
        };
        let mut dtls = start(Arc::new(settings), certificate, clock.std(now));
        dtls.set_active(role == Role::Client);
        Ok(Self { dtls, clock, now, deadline: None })
    }

    /// Takes one record.
    pub(crate) fn feed(&mut self, record: &[u8]) -> Result<(), Failure> {
        self.dtls.handle_packet(record).map_err(Failure::from)
    }

    /// Tells the time: what is due happens, and what happens next happens now.
    pub(crate) fn tick(&mut self, now: Instant) -> Result<(), Failure> {
        self.now = now;
        self.dtls.handle_timeout(self.clock.std(now)).map_err(Failure::from)
    }

    /// The next thing that came of feeding, ticking, sealing or closing.
    pub(crate) fn poll(&mut self, buf: &mut [u8]) -> Output {
        loop {
            return match self.dtls.poll_output(buf) {
                dimpl::Output::Packet(bytes) => Output::Datagram(bytes.len()),
                dimpl::Output::BufferTooSmall { needed } => Output::NeedsRoom(needed),
                dimpl::Output::PeerCert(der) => Output::Certificate(der.len()),
                dimpl::Output::Connected => Output::Connected,
                dimpl::Output::KeyingMaterial(exported, profile) => {
                    let profile = srtp_profile(profile);
                    match profile.and_then(|profile| KeyingMaterial::new(profile, &exported)) {
                        Some(keys) => Output::Keys(keys),
                        None => continue,
                    }
                }
                dimpl::Output::ApplicationData(bytes) => Output::Application(bytes.len()),
                dimpl::Output::CloseNotify => Output::CloseNotify,
                dimpl::Output::Timeout(at) => {
                    let at = self.clock.instant(at);
                    self.deadline = (at - self.now < NO_TIMER).then_some(at);
                    Output::Idle
                }
                _ => continue,
            };
        }
    }

    /// Protects application data; [`Engine::poll`] then gives the record, as a datagram.
    pub(crate) fn send(&mut self, plaintext: &[u8]) -> Result<(), SealError> {
        match self.dtls.send_application_data(plaintext) {
            Ok(_) => Ok(()),
            Err(dimpl::Error::ConnectionClosed) => Err(SealError::NotConnected(State::Closed)),
            Err(_) => Err(SealError::Exhausted),
        }
    }

    /// Says goodbye: [`Engine::poll`] then gives the `close_notify`.
    pub(crate) fn close(&mut self) {
        // An error means that it is closed already.
        let _ = self.dtls.close();
    }

    /// The version, once it is decided.
    pub(crate) fn version(&self) -> Option<ProtocolVersion> {
        match self.dtls.protocol_version()? {
            dimpl::ProtocolVersion::DTLS1_2 => Some(ProtocolVersion::Dtls12),
            dimpl::ProtocolVersion::DTLS1_3 => Some(ProtocolVersion::Dtls13),
            _ => None,
        }
    }

    /// When to [`tick`](Engine::tick), as of the last [`Output::Idle`].
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

/// Whether a private key can sign handshakes.
pub(crate) fn can_sign_with(pkcs8: &[u8]) -> bool {
    let provider = dimpl::crypto::rust_crypto::default_provider();
    provider.key_provider.load_private_key(pkcs8).is_ok()
}

fn srtp_profile(profile: dimpl::SrtpProfile) -> Option<SrtpProfile> {
    match profile {
        dimpl::SrtpProfile::AEAD_AES_128_GCM => Some(SrtpProfile::AeadAes128Gcm),
        dimpl::SrtpProfile::AEAD_AES_256_GCM => Some(SrtpProfile::AeadAes256Gcm),
        dimpl::SrtpProfile::AES128_CM_SHA1_80 => Some(SrtpProfile::Aes128CmSha1_80),
        _ => None,
    }
}
