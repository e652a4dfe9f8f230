//! One transport: ICE, and DTLS over the path that ICE found, or inside of ICE's checks.

use dtls::{Connection, Fingerprint, Role, ServerAuthentication, SrtpProfile};
use ice::{Agent, Embedding, Route};
use sansio::{Instant, Machine, Path, Rng, Transmit};

use crate::config::Config;

mod sped;

#[derive(Debug)]
pub(crate) struct Transport {
    pub(crate) ice: Agent,
    pub(crate) dtls: Dtls,
    /// From the end of the handshake on, if the other side does SRTP and there are transceivers.
    pub(crate) srtp: Option<Box<Srtp>>,
    /// Where the last datagrams of a closed connection go.
    pub(crate) farewell: Option<Route>,
    /// A flight of the handshake is being pulled.
    pulling: bool,
    /// The clock of the handshake goes by what is known of the path.
    is_timed: bool,
    rng: Box<dyn Rng>,
}

/// SRTP and SRTCP, a key object a direction.
#[derive(Debug)]
pub(crate) struct Srtp {
    pub(crate) outbound: srtp::Outbound,
    pub(crate) inbound: srtp::Inbound,
}

/// DTLS, before and after both descriptions are known.
#[derive(Debug)]
pub(crate) enum Dtls {
    /// The role and the fingerprints are not known yet. What came too early waits here.
    Waiting { early: Vec<Vec<u8>> },
    /// They are known; a client waits for a path.
    Ready { early: Vec<Vec<u8>>, role: Role, fingerprints: Vec<Fingerprint> },
    /// At work, or at its end.
    Running(Box<Connection>),
    /// It could not begin.
    Failed,
}

impl Transport {
    pub(crate) fn new(config: &Config, mut rng: Box<dyn Rng>) -> Self {
        Self {
            ice: Agent::new(config.ice, rng.fork()),
            dtls: Dtls::Waiting { early: Vec::new() },
            srtp: None,
            farewell: None,
            pulling: false,
            is_timed: false,
            rng,
        }
    }

    /// Both descriptions are known: DTLS may begin as soon as there is a path.
    pub(crate) fn set_dtls_parameters(&mut self, role: Role, fingerprints: Vec<Fingerprint>) {
        if let Dtls::Waiting { early } = &mut self.dtls {
            let early = core::mem::take(early);
            self.dtls = Dtls::Ready { early, role, fingerprints };
        }
    }

    /// Starts DTLS if it can be started. True: it was.
    pub(crate) fn start_dtls(&mut self, now: Instant, config: &Config) -> bool {
        // A client speaks first and needs a path, or checks to ride in; a server must be there when
        // the first flight comes, which may be before our own check is answered.
        let Dtls::Ready { early, role, fingerprints } = &mut self.dtls else { return false };
        let embeds = self.ice.embedding() == Embedding::On;
        if *role == Role::Client && self.ice.route().is_none() && !embeds {
            return false;
        }
        let mut dtls = config.dtls.clone();
        // RFC 8827 §6.5: peers are known by what was signalled, and by nothing else.
        dtls.server_authentication = ServerAuthentication::Fingerprint;
        if embeds {
            dtls.mtu = dtls.mtu.min(sped::MTU);
        }
        let early = core::mem::take(early);
        let fingerprints = core::mem::take(fingerprints);
        self.dtls = match Connection::new(now, &dtls, *role, fingerprints, self.rng.fork()) {
            Ok(mut connection) => {
                connection.hold_timers();
                for mut datagram in early {
                    let mut rest = datagram.as_mut_slice();
                    while !rest.is_empty() {
                        // A damaged early flight is repeated by the other side.
                        let _ = connection.open(now, &mut rest);
                    }
                }
                Dtls::Running(Box::new(connection))
            }
            Err(error) => {
                tracing::warn!(%error, "DTLS could not begin");
                Dtls::Failed
            }
        };
        true
    }

    /// If the handshake is over, its keys go to SRTP (RFC 5764 §4.2).
    pub(crate) fn start_srtp(&mut self, config: &Config) {
        let Some(connection) = self.dtls.connection() else { return };
        let Some(material) = connection.keying_material() else { return };
        let (ours, theirs) = (connection.role(), connection.role().opposite());
        let profile = match material.profile() {
            SrtpProfile::AeadAes128Gcm => srtp::Profile::AeadAes128Gcm,
            SrtpProfile::AeadAes256Gcm => srtp::Profile::AeadAes256Gcm,
            SrtpProfile::Aes128CmSha1_80 => srtp::Profile::Aes128CmHmacSha1_80,
        };
        let (ours, theirs) = (material.written_by(ours), material.written_by(theirs));
        let outbound = srtp::Outbound::new(profile, ours.key, ours.salt, &mut *self.rng);
        let streams = srtp::Config { max_streams: config.max_streams, ..srtp::Config::default() };
        let inbound = srtp::Inbound::new(profile, theirs.key, theirs.salt, streams, &mut *self.rng);
        match (outbound, inbound) {
            (Ok(outbound), Ok(inbound)) => self.srtp = Some(Box::new(Srtp { outbound, inbound })),
            (Err(error), _) | (_, Err(error)) => tracing::warn!(%error, "SRTP could not begin"),
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.ice.handle_timeout(now);
        if let Some(connection) = self.dtls.connection_mut() {
            connection.handle_timeout(now);
        }
    }

    /// Appends a check or a datagram of the handshake.
    pub(crate) fn pull(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        self.embed_flight(now);
        if self.farewell.is_none()
            && let Some(transmit) = self.ice.poll_transmit(now, buf)
        {
            return Some(transmit);
        }
        let route = self.route()?;
        let connection = self.dtls.connection_mut()?;
        let start = buf.len();
        buf.resize(start + route.head, 0);
        let Some(inner) = connection.poll_transmit(now, buf) else {
            buf.truncate(start);
            self.pulling = false;
            return None;
        };
        if let Some(datagram) = buf.get(start + route.head..) {
            // What rides in checks until it is acknowledged need not be lost with its datagram.
            if !core::mem::replace(&mut self.pulling, true) {
                self.ice.begin_flight();
            }
            self.ice.embed(datagram, Some(now));
        }
        let transmit = self.ice.wrap(now, route, buf, start)?;
        Some(Transmit { ecn: inner.ecn, ..transmit })
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        // Without a path nothing can be sent, unless it rides in checks. When there is one, what is
        // overdue happens at once.
        let can_send = self.route().is_some() || self.ice.embedding() == Embedding::On;
        let connection = self.dtls.connection().filter(|_| can_send);
        let dtls = connection.and_then(Machine::poll_timeout);
        self.ice.poll_timeout().into_iter().chain(dtls).min()
    }

    /// Where application data goes now.
    pub(crate) fn route(&self) -> Option<Route> {
        self.farewell.or_else(|| self.ice.route())
    }

    pub(crate) fn dtls_is_connected(&self) -> bool {
        self.dtls.connection().is_some_and(|c| c.state() == dtls::State::Connected)
    }

    pub(crate) fn dtls_is_running(&self) -> bool {
        matches!(self.dtls, Dtls::Running(_))
    }

    pub(crate) fn dtls_has_begun(&self) -> bool {
        self.dtls.connection().is_some_and(|c| c.state() != dtls::State::New)
    }

    /// After the farewell: appends what gives a relay its allocation back.
    pub(crate) fn pull_last(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        self.farewell.is_some().then(|| self.ice.poll_transmit(now, buf)).flatten()
    }

    /// Ends it: DTLS says goodbye on the path that was, ICE stops.
    pub(crate) fn close(&mut self, now: Instant) {
        self.farewell = self.ice.route();
        if let Some(connection) = self.dtls.connection_mut() {
            connection.close(now);
        }
        self.ice.close(now);
    }
}

impl Dtls {
    /// Datagrams that are kept before the remote description: a ClientHello of two datagrams,
    /// sent twice. libwebrtc keeps as many.
    const MAX_EARLY: usize = 4;
    /// The largest datagram that is kept.
    const MAX_EARLY_BYTES: usize = 1500;

    pub(crate) fn connection(&self) -> Option<&Connection> {
        match self {
            Self::Running(connection) => Some(connection),
            _ => None,
        }
    }

    pub(crate) fn connection_mut(&mut self) -> Option<&mut Connection> {
        match self {
            Self::Running(connection) => Some(connection),
            _ => None,
        }
    }

    /// Keeps a datagram that came before DTLS could begin. False: there is no room.
    pub(crate) fn keep_early(&mut self, datagram: &[u8]) -> bool {
        let (Self::Waiting { early } | Self::Ready { early, .. }) = self else { return false };
        let room = early.len() < Self::MAX_EARLY && datagram.len() <= Self::MAX_EARLY_BYTES;
        if room {
            early.push(datagram.to_vec());
        }
        room
    }
}
