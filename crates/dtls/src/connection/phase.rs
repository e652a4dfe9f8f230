//! What exists in each phase of a connection.

use sansio::Instant;

use crate::backend::Engine;
use crate::suite::Framing;
use crate::wire::{Kind, RecordHeader, SuiteFinder};
use crate::{CipherSuite, CloseReason, KeyingMaterial, ProtocolVersion, Role};

/// ```text
///             certificate matches,
///             handshake complete
/// Handshake ───────────────────────► Connected
///     │                                 │
///     └───────────► Closed ◄────────────┘
/// ```
pub(super) enum Phase {
    Handshake(Box<Handshake>),
    Connected(Box<Connected>),
    Closed(CloseReason),
}

/// A handshake under way.
pub(super) struct Handshake {
    pub(super) engine: Engine,
    /// When its time is over, once its first datagram has been sent or taken.
    pub(super) give_up: Option<Instant>,
    pub(super) suite: SuiteFinder,
    /// The other side's certificate has been seen, and it is one that was announced.
    pub(super) trusted: bool,
    /// The engine is through.
    pub(super) complete: bool,
    pub(super) keys: Option<KeyingMaterial>,
    /// A record of the other side has been taken.
    pub(super) heard: bool,
    pub(super) sent: Sent,
    /// Where the engine writes what it has to say.
    pub(super) scratch: Vec<u8>,
}

/// What this side has sent so far.
#[derive(Default)]
pub(super) struct Sent {
    pub(super) any: bool,
    /// A protected record has gone out, so that the other side may not heed plain ones any more.
    pub(super) protected: bool,
    /// The next sequence number of epoch 0.
    pub(super) next_plain: u64,
}

/// An established connection.
pub(super) struct Connected {
    pub(super) engine: Engine,
    pub(super) version: ProtocolVersion,
    pub(super) cipher_suite: CipherSuite,
    pub(super) framing: Framing,
    pub(super) keys: Option<KeyingMaterial>,
}

impl Handshake {
    pub(super) fn new(engine: Engine) -> Self {
        Self {
            engine,
            give_up: None,
            suite: SuiteFinder::default(),
            trusted: false,
            complete: false,
            keys: None,
            heard: false,
            sent: Sent::default(),
            scratch: Vec::new(),
        }
    }

    /// Reads along in a datagram that leaves.
    pub(super) fn note_sent(&mut self, role: Role, datagram: &[u8]) {
        self.sent.any = true;
        let mut rest = datagram;
        while let Ok(header) = RecordHeader::parse(rest) {
            let (record, after) = rest.split_at(header.len);
            match header.epoch.plain_sequence() {
                Some(sequence) => {
                    self.sent.next_plain = self.sent.next_plain.max(sequence.saturating_add(1));
                }
                None => self.sent.protected = true,
            }
            if role == Role::Server && header.kind == Kind::Handshake {
                self.suite.look(header, record);
            }
            rest = after;
        }
    }
}
