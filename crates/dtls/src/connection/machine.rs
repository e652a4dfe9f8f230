//! The connection as a machine.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use core::fmt;

use sansio::{Datagram, Instant, Machine, Rng, Transmit};

use crate::flight::Most;
use crate::handshake::{self, Context, Sending, Stage};
use crate::suite::Framing;
use crate::wire::ContentType;
use crate::wire::message::Ack;
use crate::{
    CipherSuite, ClientAuthentication, CloseReason, Config, ConfigError, Counters, Discard, Event,
    Fingerprint, KeyingMaterial, NamedGroup, ProtocolVersion, Role, ServerAuthentication, State,
};

use super::phase::{Handshake, Phase};

/// One DTLS connection: a handshake, then records.
///
/// * **Commands**: [`close`](Self::close), [`seal`](Self::seal),
///   [`update_keys`](Self::update_keys); for who knows servers by name
///   [`accept_certificate`](Self::accept_certificate) and
///   [`refuse_certificate`](Self::refuse_certificate); for who has other ways to send a handshake
///   [`hold_timers`](Self::hold_timers), [`start_timers`](Self::start_timers),
///   [`repeat_flight`](Self::repeat_flight).
/// * **Input**: [`open`](Self::open) for each datagram until it is used up. The trait's
///   [`handle_input`](Machine::handle_input) does that too, and lets go of the application data.
///   [`poll_data`](Self::poll_data) once it is connected: what came too early.
/// * **Output**: [`poll_transmit`](Machine::poll_transmit) gives the handshake and alerts;
///   application data leaves by `seal` in the caller's own buffer.
pub struct Connection {
    pub(super) context: Context,
    pub(super) phase: Phase,
    /// Alerts, and what must go before them.
    pub(super) pending: VecDeque<Vec<u8>>,
    /// When the handshake has had its time, and what is left of it can be forgotten.
    pub(super) give_up: Option<Instant>,
    pub(super) events: VecDeque<Event>,
    /// Application data that overtook the end of the handshake.
    pub(super) overtook: VecDeque<Vec<u8>>,
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
    /// `rng` gives what is random and no secret: hello randoms, cookies, the spread of timers.
    ///
    /// # Errors
    ///
    /// There is no fingerprint, the configuration is out of range, or there is no randomness for
    /// key shares.
    pub fn new(
        _now: Instant,
        config: &Config,
        role: Role,
        remote_fingerprints: Vec<Fingerprint>,
        rng: Box<dyn Rng>,
    ) -> Result<Self, ConfigError> {
        config.check()?;
        let anybody = match role {
            Role::Client => config.server_authentication == ServerAuthentication::Caller,
            Role::Server => config.client_authentication == ClientAuthentication::NotRequested,
        };
        if remote_fingerprints.is_empty() && !anybody {
            return Err(ConfigError::NoFingerprint);
        }
        let announced = remote_fingerprints.into_boxed_slice();
        let mut context = Context::new(config.clone(), role, announced, rng);
        let stage = match role {
            Role::Client => handshake::begin(&mut context).map_err(|_| ConfigError::Crypto)?,
            Role::Server => Stage::listen(),
        };
        Ok(Self {
            context,
            phase: Phase::Handshake(Box::new(Handshake::new(stage))),
            pending: VecDeque::new(),
            give_up: None,
            events: VecDeque::new(),
            overtook: VecDeque::new(),
            counters: Counters::default(),
        })
    }

    /// Largest datagram of the handshake from now on, instead of [`Config::mtu`]: for a path that
    /// turns out to be narrower, or wider.
    ///
    /// # Errors
    ///
    /// Outside of [`Config::MTU_RANGE`]; nothing changes.
    pub fn set_mtu(&mut self, mtu: usize) -> Result<(), ConfigError> {
        if !Config::MTU_RANGE.contains(&mtu) {
            return Err(ConfigError::Mtu { mtu });
        }
        self.context.config.mtu = mtu;
        Ok(())
    }

    /// The state, in W3C's words.
    pub fn state(&self) -> State {
        match &self.phase {
            Phase::Handshake(handshake) if handshake.begun => State::Connecting,
            Phase::Handshake(_) => State::New,
            Phase::Connected(_) => State::Connected,
            Phase::Closed(reason) => reason.state(),
        }
    }

    /// The role in the handshake.
    pub fn role(&self) -> Role {
        self.context.role
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

    /// The group of the key exchange, while connected.
    pub fn group(&self) -> Option<NamedGroup> {
        self.context.group.filter(|_| self.state() == State::Connected)
    }

    /// The application protocol agreed on, while connected, if any (RFC 7301).
    pub fn application_protocol(&self) -> Option<&[u8]> {
        match &self.phase {
            Phase::Connected(connected) => connected.protocol.as_deref(),
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

    /// Whether application data may be sent: while connected, and in a server with
    /// [`Config::early_server_data`] from its answer to the ClientHello on.
    pub fn may_seal(&self) -> bool {
        self.sending().is_some()
    }

    /// Bytes that [`seal`](Self::seal) needs in front of the plaintext: exact once it
    /// [may be called](Self::may_seal), the most there can be before that.
    pub fn head_room(&self) -> usize {
        self.framing().head
    }

    /// Bytes that a record has more than its plaintext, [`head_room`](Self::head_room) and tag
    /// together: exact once it may be called, the most there can be before that.
    pub fn overhead(&self) -> usize {
        let framing = self.framing();
        framing.head.saturating_add(framing.tail)
    }

    /// How many records went which way.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    fn framing(&self) -> Framing {
        self.sending().map_or(Framing::LARGEST, |sending| sending.framing)
    }

    /// How application data leaves, if it may.
    pub(super) fn sending(&self) -> Option<Sending> {
        match &self.phase {
            Phase::Connected(connected) => Some(connected.sending),
            Phase::Handshake(_) => self.context.early,
            Phase::Closed(_) => None,
        }
    }

    /// Does what is due.
    fn tick(&mut self, now: Instant) {
        let over = self.give_up.is_some_and(|at| at <= now);
        match &self.phase {
            Phase::Handshake(_) if over => {
                let after = self.context.config.handshake_timeout;
                return self.end(CloseReason::Timeout { after });
            }
            Phase::Connected(_) if over => self.forget_handshake(),
            Phase::Closed(_) => return,
            _ => {}
        }
        self.context.outbox.handle_timeout(now);
    }

    /// Lets go of what a repetition of the handshake's last flight would have needed.
    fn forget_handshake(&mut self) {
        self.give_up = None;
        if !self.is_updating() {
            self.context.outbox.clear();
        }
        self.context.records.forget_write(self.context.records.write_epoch());
        self.context.records.forget_read(self.context.records.read_epoch());
    }

    pub(super) fn is_updating(&self) -> bool {
        match &self.phase {
            Phase::Connected(connected) => connected.traffic.as_ref().is_some_and(|t| t.updating),
            _ => false,
        }
    }
}

impl Context {
    /// Appends a datagram of our flight.
    pub(super) fn poll_flight(&mut self, now: Instant, buf: &mut Vec<u8>) -> bool {
        let Self { outbox, records, config, rng, record_limit, .. } = self;
        let most = Most { datagram: config.mtu, plaintext: *record_limit };
        outbox.poll(now, records, most, &mut **rng, buf)
    }

    /// Appends an acknowledgement, if one is due.
    fn poll_ack(&mut self, now: Instant, buf: &mut Vec<u8>) -> bool {
        let epoch = self.records.write_epoch();
        let Framing { head, tail } = self.records.framing(epoch);
        let plaintext = self.config.mtu.saturating_sub(head).saturating_sub(tail);
        let plaintext = plaintext.min(self.record_limit);
        let most = plaintext.saturating_sub(Ack::HEADER) / Ack::NUMBER;
        let Some(numbers) = self.acks.take(now, most) else { return false };
        let at = buf.len();
        buf.resize(at.saturating_add(head), 0);
        Ack::write(&numbers, buf);
        let sealed = self.records.seal(epoch, ContentType::Ack, buf, at).is_ok();
        if !sealed {
            buf.truncate(at);
        }
        sealed
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("role", &self.context.role)
            .field("state", &self.state())
            .field("version", &self.version())
            .field("cipher_suite", &self.cipher_suite())
            .field("group", &self.group())
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
        self.tick(now);
        let at = buf.len();
        if let Some(datagram) = self.pending.pop_front() {
            buf.extend_from_slice(&datagram);
        } else if !self.context.poll_ack(now, buf) && !self.context.poll_flight(now, buf) {
            return None;
        }
        if let Phase::Handshake(handshake) = &mut self.phase {
            handshake.begun = true;
            self.start_patience(now);
        }
        self.counters.handshake_sent = self.counters.handshake_sent.saturating_add(1);
        Some(Transmit::new((), buf.len().saturating_sub(at)))
    }

    fn poll_event(&mut self) -> Option<Event> {
        let event = self.events.pop_front();
        if event.is_none() {
            // There are two in a lifetime.
            self.events.shrink_to_fit();
        }
        event
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let Context { outbox, acks, .. } = &self.context;
        let give_up = match &self.phase {
            Phase::Handshake(_) => self.give_up,
            // For the last flight alone; what else is to be forgotten does not wake anybody up.
            Phase::Connected(_) => self.give_up.filter(|_| outbox.deadline().is_some()),
            Phase::Closed(_) => return None,
        };
        give_up.into_iter().chain(outbox.deadline()).chain(acks.due()).min()
    }
}
