//! One connection of the library.

use core::time::Duration;

use sansio::Instant;

use crate::{
    Config, ConfigError, KeyingMaterial, ProtocolVersion, Role, SealError, SrtpProfile, State,
    Versions,
};

use super::Failure;
use super::pace::Pace;

/// The handshake and the records of one connection.
pub(crate) struct Engine {
    dtls: dimpl::Dtls,
    pace: Pace,
    /// The last tick.
    now: Instant,
    /// No tick before this.
    resume: Instant,
    /// See [`Engine::spaced`].
    spacing: Duration,
    deadline: Option<Instant>,
}

/// What [`Engine::poll`] found. Bytes lie at the beginning of its buffer.
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
    /// A connection that has not begun.
    pub(crate) fn new(now: Instant, config: &Config, role: Role) -> Result<Self, ConfigError> {
        let identity = config.certificate.identity();
        let settings = identity.settings(config.mtu)?;
        let start = match config.versions {
            Versions::Both => dimpl::Dtls::new_auto,
            Versions::Dtls12 => dimpl::Dtls::new_12,
            Versions::Dtls13 => dimpl::Dtls::new_13,
        };
        let pace = Pace::new(now, config.retransmit_initial);
        let mut dtls = start(settings, identity.certificate(), pace.tell(now));
        dtls.set_active(role == Role::Client);
        let spacing = config.retransmit_initial / 4;
        let mut engine = Self { dtls, pace, now, resume: now, spacing, deadline: None };
        // A client makes its first flight of this.
        engine.tick(now).map_err(|_| ConfigError::Crypto)?;
        Ok(engine)
    }

    /// Takes one record.
    pub(crate) fn feed(&mut self, record: &[u8]) -> Result<(), Failure> {
        self.dtls.handle_packet(record).map_err(Failure::from)
    }

    /// Tells the time: what is due happens, and what happens next happens now.
    pub(crate) fn tick(&mut self, now: Instant) -> Result<(), Failure> {
        if now < self.resume {
            return Ok(());
        }
        (self.now, self.resume) = (now, now + Duration::from_nanos(1));
        self.dtls.handle_timeout(self.pace.tell(now)).map_err(Failure::from)
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
                    let at = self.pace.when(self.now, at);
                    self.deadline = at.map(|at| self.spaced(at));
                    Output::Idle
                }
                _ => continue,
            };
        }
    }

    /// While a flight has a gap the library wants to acknowledge what it has at each tick, at any
    /// number of ticks a millisecond. Once in a quarter of the timer is enough (RFC 9147 §7.1).
    fn spaced(&mut self, at: Instant) -> Instant {
        if at <= self.now {
            self.resume = self.resume.max(self.now + self.spacing);
        }
        at.max(self.resume)
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

fn srtp_profile(profile: dimpl::SrtpProfile) -> Option<SrtpProfile> {
    match profile {
        dimpl::SrtpProfile::AEAD_AES_128_GCM => Some(SrtpProfile::AeadAes128Gcm),
        dimpl::SrtpProfile::AEAD_AES_256_GCM => Some(SrtpProfile::AeadAes256Gcm),
        dimpl::SrtpProfile::AES128_CM_SHA1_80 => Some(SrtpProfile::Aes128CmSha1_80),
        _ => None,
    }
}
