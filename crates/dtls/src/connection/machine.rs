//! The connection as a machine.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;

use sansio::{Datagram, Ecn, Instant, Machine, Rng, Transmit};

use crate::backend::{Engine, Failure, Output};
use crate::suite::Framing;
use crate::{
    CipherSuite, CloseReason, Config, ConfigError, Counters, Crypto, Discard, Event, Fingerprint,
    KeyingMaterial, ProtocolVersion, Role, State,
};

use super::phase::{Handshake, Phase};

/// One DTLS connection: a handshake, then records.
///
/// * **Commands**: [`close`](Self::close), [`seal`](Self::seal).
/// * **Input**: [`open`](Self::open) for each datagram until it is used up. The trait's
///   [`handle_input`](Machine::handle_input) does that too, and lets go of the application data.
/// * **Output**: [`poll_transmit`](Machine::poll_transmit) gives the handshake and alerts;
///   application data leaves by `seal` in the caller's own buffer.
pub struct Connection {
    pub(super) role: Role,
    pub(super) announced: Box<[Fingerprint]>,
    pub(super) crypto: Arc<dyn Crypto>,
    pub(super) handshake_timeout: Duration,
    pub(super) phase: Phase,
    /// Datagrams that had to be taken from the engine before anybody asked for them.
    pub(super) pending: VecDeque<Vec<u8>>,
    pub(super) events: VecDeque<Event>,
    pub(super) counters: Counters,
}

impl Connection {
    /// Most bytes of plaintext in a record (RFC 8446 §5.1).
    pub const MAX_PLAINTEXT: usize = 1 << 14;

    /// A connection in this role with the side whose certificate has one of these fingerprints.
    ///
    /// Of several fingerprints those by the strongest hash function count, and one of them must
    /// match (RFC 8122 §5.1). A client's first datagram is ready at once.
    ///
    /// `_rng` is for what is random and no secret: hello randoms, the spread of timers. The library
    /// behind the seam takes those from the operating system, so it is not drawn from yet.
    ///
    /// # Errors
    ///
    /// There is no fingerprint, or the configuration is out of range.
    pub fn new(
        now: Instant,
        config: &Config,
        role: Role,
        remote_fingerprints: Vec<Fingerprint>,
        _rng: Box<dyn Rng>,
    ) -> Result<Self, ConfigError> {
        config.check()?;
        if remote_fingerprints.is_empty() {
            return Err(ConfigError::NoFingerprint);
        }
        let engine = Engine::new(now, config, role)?;
        Ok(Self {
            role,
            announced: remote_fingerprints.into_boxed_slice(),
            crypto: Arc::clone(&config.crypto),
            handshake_timeout: config.handshake_timeout,
            phase: Phase::Handshake(Box::new(Handshake::new(engine))),
            pending: VecDeque::new(),
            events: VecDeque::new(),
            counters: Counters::default(),
        })
    }

    /// The state, in W3C's words.
    pub fn state(&self) -> State {
        match &self.phase {
            Phase::Handshake(handshake) if handshake.sent.any || handshake.heard => {
                State::Connecting
            }
            Phase::Handshake(_) => State::New,
            Phase::Connected(_) => State::Connected,
            Phase::Closed(reason) => reason.state(),
        }
    }

    /// The role in the handshake.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The version agreed on, while connected.
    pub fn version(&self) -> Option<ProtocolVersion> {
        match &self.phase {
            Phase::Connected(connected) => Some(connected.version),
            _ => None,
        }
    }

    /// The cipher suite agreed on, while connected.
    pub fn cipher_suite(&self) -> Option<CipherSuite> {
        match &self.phase {
            Phase::Connected(connected) => Some(connected.cipher_suite),
            _ => None,
        }
    }

    /// The keys for SRTP, while connected, if the other side does SRTP.
    pub fn keying_material(&self) -> Option<&KeyingMaterial> {
        match &self.phase {
            Phase::Connected(connected) => connected.keys.as_ref(),
            _ => None,
        }
    }

    /// Why the connection ended.
    pub fn close_reason(&self) -> Option<&CloseReason> {
        match &self.phase {
            Phase::Closed(reason) => Some(reason),
            _ => None,
        }
    }

    /// Bytes that [`seal`](Self::seal) needs in front of the plaintext: exact while connected, the
    /// most there can be before that.
    pub fn head_room(&self) -> usize {
        self.framing().head
    }

    /// Bytes that a record has more than its plaintext, [`head_room`](Self::head_room) and tag
    /// together: exact while connected, the most there can be before that.
    pub fn overhead(&self) -> usize {
        let framing = self.framing();
        framing.head.saturating_add(framing.tail)
    }

    /// How many records went which way.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    fn framing(&self) -> Framing {
        match &self.phase {
            Phase::Connected(connected) => connected.framing,
            _ => Framing::LARGEST,
        }
    }

    /// Does what follows from a failure of the engine. `true`: the connection has ended.
    pub(super) fn fail(&mut self, failure: Failure) -> bool {
        let reason = match failure {
            Failure::Harmless | Failure::Forged => return false,
            Failure::Alert(alert) => CloseReason::RemoteAlert(alert),
            Failure::Fault(alert) => CloseReason::Fault(alert),
        };
        self.end(reason);
        true
    }

    fn tick(&mut self, now: Instant) {
        let engine = match &mut self.phase {
            Phase::Handshake(handshake) if handshake.give_up.is_some_and(|at| at <= now) => {
                return self.end(CloseReason::Timeout { after: self.handshake_timeout });
            }
            Phase::Handshake(handshake) => &mut handshake.engine,
            Phase::Connected(connected) => &mut connected.engine,
            Phase::Closed(_) => return,
        };
        if let Err(failure) = engine.tick(now) {
            self.fail(failure);
        }
    }

    /// Appends what the engine wants to send next.
    fn pull(&mut self, buf: &mut Vec<u8>) -> Option<usize> {
        let at = buf.len();
        let engine = match &mut self.phase {
            Phase::Handshake(handshake) => &mut handshake.engine,
            Phase::Connected(connected) => &mut connected.engine,
            Phase::Closed(_) => return None,
        };
        let Output::NeedsRoom(len) = engine.poll(&mut []) else { return None };
        buf.resize(at.saturating_add(len), 0);
        let Output::Datagram(len) = engine.poll(buf.get_mut(at..)?) else {
            buf.truncate(at);
            return None;
        };
        buf.truncate(at.saturating_add(len));
        if let Phase::Handshake(handshake) = &mut self.phase {
            handshake.note_sent(self.role, buf.get(at..)?);
        }
        Some(len)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("role", &self.role)
            .field("state", &self.state())
            .field("version", &self.version())
            .field("cipher_suite", &self.cipher_suite())
            .field("counters", &self.counters)
            .finish_non_exhaustive()
    }
}

impl Machine for Connection {
    type Path = ();
    type Event = Event;
    type Discard = Discard;

    fn handle_input(&mut self, now: Instant, input: Datagram<'_, ()>) -> Result<(), Discard> {
        let mut rest = input.data;
        let mut outcome = Err(Discard::Truncated { needed: 1, had: 0 });
        let mut first = true;
        while !rest.is_empty() {
            match self.open(now, &mut rest) {
                Ok(_) => outcome = Ok(()),
                Err(discard) if first => outcome = Err(discard),
                Err(_) => {}
            }
            first = false;
        }
        outcome
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.tick(now);
    }

    fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<()>> {
        if let Phase::Handshake(_) = self.phase {
            // A flight's timer starts when the flight leaves.
            self.tick(now);
        }
        let len = match self.pending.pop_front() {
            Some(datagram) => {
                buf.extend_from_slice(&datagram);
                datagram.len()
            }
            None => self.pull(buf)?,
        };
        if let Phase::Handshake(handshake) = &mut self.phase {
            handshake.give_up.get_or_insert(now + self.handshake_timeout);
        }
        self.counters.handshake_sent = self.counters.handshake_sent.saturating_add(1);
        Some(Transmit { path: (), ecn: Ecn::NotEct, len })
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Handshake(handshake) => {
                handshake.engine.deadline().into_iter().chain(handshake.give_up).min()
            }
            Phase::Connected(connected) => connected.engine.deadline(),
            Phase::Closed(_) => None,
        }
    }
}
