//! What exists in each phase of a connection.

use alloc::boxed::Box;

use crate::flight::EarlyRecords;
use crate::handshake::{Sending, Stage};
use crate::schedule::{Exporter, Secret};
use crate::wire::message::KeyUpdate;
use crate::{CipherSuite, CloseReason, KeyingMaterial, ProtocolVersion};

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
    /// `None` only while a message is acted on.
    pub(super) stage: Option<Stage>,
    /// What came before its keys.
    pub(super) early: EarlyRecords,
    /// What follows the handshake, and has overtaken the end of it. Not opened before that.
    pub(super) overtook: EarlyRecords,
    /// A datagram has been sent, or a record taken.
    pub(super) begun: bool,
    /// A protected record of the other side has been opened: from here on, what it says without
    /// protection proves nothing.
    pub(super) proven: bool,
}

/// An established connection.
pub(super) struct Connected {
    pub(super) version: ProtocolVersion,
    pub(super) cipher_suite: CipherSuite,
    pub(super) sending: Sending,
    pub(super) protocol: Option<Box<[u8]>>,
    pub(super) keys: Option<KeyingMaterial>,
    pub(super) exporter: Exporter,
    /// DTLS 1.3.
    pub(super) traffic: Option<Current>,
}

/// What the present keys of DTLS 1.3 were made from, and the next ones will be.
pub(super) struct Current {
    pub(super) read: Secret,
    pub(super) write: Secret,
    /// A KeyUpdate of ours is under way: when it is acknowledged, the new keys count.
    pub(super) updating: bool,
    /// A KeyUpdate of ours waits for what is under way.
    pub(super) wanted: Option<KeyUpdate>,
}

impl Handshake {
    pub(super) fn new(stage: Stage) -> Self {
        let (early, overtook) = (EarlyRecords::default(), EarlyRecords::default());
        Self { stage: Some(stage), early, overtook, begun: false, proven: false }
    }
}
