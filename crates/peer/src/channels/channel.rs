//! One data channel: what it is, and where it stands.

use core::fmt;
use std::sync::Arc;

use bytes::Bytes;
use sctp::StreamId;

use super::close::Initiator;
use super::dcep::Reliability;

/// Names a channel of one connection for as long as the connection lives: stream ids are reused,
/// these are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelId(pub(super) u32);

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// What a channel shall be (W3C webrtc-pc §6.2.1, `RTCDataChannelInit`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataChannelInit {
    /// Messages arrive in the order in which they were sent. Default: true.
    pub ordered: bool,
    /// Milliseconds after which a message is given up. Excludes `max_retransmits`.
    pub max_packet_life_time: Option<u16>,
    /// How often a message is retransmitted at most. Excludes `max_packet_life_time`.
    pub max_retransmits: Option<u16>,
    /// A subprotocol's name. Default: empty.
    pub protocol: String,
    /// Both sides create the channel with the same `id`, and nothing is said in-band.
    /// Default: false.
    pub negotiated: bool,
    /// The SCTP stream id of a negotiated channel, 0..=65534.
    pub id: Option<u16>,
    /// Its part of what can be sent, among channels that have something to send. Default:
    /// [`Priority::LOW`].
    pub priority: Priority,
}

/// A channel's weight among the others, RFC 8831 §6.4. The names are those of the W3C
/// (webrtc-priority §4.1, `RTCPriorityType`), each with the weight that RFC 8831 gives it; others
/// are fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Priority(pub u16);

impl Priority {
    /// "Below normal" in RFC 8831.
    pub const VERY_LOW: Self = Self(128);
    /// "Normal" in RFC 8831: what a channel has whose maker does not mind.
    pub const LOW: Self = Self(256);
    /// "High" in RFC 8831.
    pub const MEDIUM: Self = Self(512);
    /// "Extra high" in RFC 8831.
    pub const HIGH: Self = Self(1024);
}

impl Default for Priority {
    fn default() -> Self {
        Self::LOW
    }
}

impl Default for DataChannelInit {
    fn default() -> Self {
        Self {
            ordered: true,
            max_packet_life_time: None,
            max_retransmits: None,
            protocol: String::new(),
            negotiated: false,
            id: None,
            priority: Priority::default(),
        }
    }
}

impl DataChannelInit {
    /// A channel that both sides create with this stream id.
    pub fn negotiated(id: u16) -> Self {
        Self { negotiated: true, id: Some(id), ..Self::default() }
    }

    /// Without order and without retransmission: a datagram service.
    pub fn unreliable() -> Self {
        Self { ordered: false, max_retransmits: Some(0), ..Self::default() }
    }
}

/// Where a channel stands (W3C webrtc-pc §6.2.2, `RTCDataChannelState`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DataChannelState {
    /// The transport is not up yet.
    Connecting,
    /// Messages flow.
    Open,
    /// One side asked to close; what was sent before still arrives.
    Closing,
    /// Gone.
    Closed,
}

impl fmt::Display for DataChannelState {
    /// The W3C's own spelling.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connecting => "connecting",
            Self::Open => "open",
            Self::Closing => "closing",
            Self::Closed => "closed",
        })
    }
}

/// A message, text or binary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Which of the two.
    pub kind: MessageKind,
    /// Its bytes; UTF-8 if it is text, as far as the sender kept its promise.
    pub data: Bytes,
}

/// What a message's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// UTF-8 text.
    Text,
    /// Bytes.
    Binary,
}

impl Message {
    /// A text message.
    pub fn text(text: impl Into<String>) -> Self {
        Self { kind: MessageKind::Text, data: Bytes::from(text.into()) }
    }

    /// A binary message.
    pub fn binary(data: impl Into<Bytes>) -> Self {
        Self { kind: MessageKind::Binary, data: data.into() }
    }
}

/// A data channel's facts (W3C webrtc-pc §6.2, `RTCDataChannel`).
#[derive(Clone, Debug)]
pub struct Channel {
    pub(super) label: Arc<str>,
    pub(super) protocol: Arc<str>,
    pub(super) ordered: bool,
    pub(super) reliability: Reliability,
    pub(super) priority: Priority,
    pub(super) negotiated: bool,
    /// None until the DTLS role, and with it the parity of our stream ids, is known.
    pub(super) stream: Option<StreamId>,
    pub(super) phase: Phase,
    /// Bytes of the DCEP message that its stream begins with.
    pub(super) preamble: usize,
    /// Bytes that its stream has taken, with the preamble.
    pub(super) accepted: u64,
    /// A `send` was refused for want of room.
    pub(super) wants_room: bool,
    /// More than the low threshold was buffered, and it was not told yet that this is over.
    pub(super) above_threshold: bool,
    pub(super) low_threshold: usize,
}

/// The life of a channel, with what exists only there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Waits for the association.
    Connecting,
    /// Our OPEN is on its way: everything goes in order behind it (RFC 8832 §6).
    Opening,
    /// The other side knows the channel.
    Open,
    /// Our outgoing stream and theirs are being reset. Both done is the end.
    Closing { ours: Reset, theirs: Reset, by: Initiator },
}

impl Phase {
    /// All that they sent on the channel was read, and their stream was reset: what comes on it now
    /// is for its next channel.
    pub(super) fn is_left_by_them(self) -> bool {
        matches!(
            self,
            Self::Closing { ours: Reset::Requested, theirs: Reset::Done | Reset::Again, .. }
        )
    }
}

/// How far the reset of one direction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reset {
    Pending,
    Requested,
    Done,
    /// Done, and done again for the next channel on the stream, of which we have not taken notice
    /// yet.
    Again,
}

impl Channel {
    /// Names the channel; need not be unique.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The subprotocol's name, or empty.
    pub fn protocol(&self) -> &str {
        &self.protocol
    }

    /// Whether messages arrive in order.
    pub fn ordered(&self) -> bool {
        self.ordered
    }

    /// How often a message is retransmitted at most, if that is bounded.
    pub fn max_retransmits(&self) -> Option<u32> {
        match self.reliability {
            Reliability::MaxRetransmits(n) => Some(n),
            _ => None,
        }
    }

    /// Milliseconds after which a message is given up, if that is bounded.
    pub fn max_packet_life_time(&self) -> Option<u32> {
        match self.reliability {
            Reliability::MaxLifetime(ms) => Some(ms),
            _ => None,
        }
    }

    /// Its weight among channels.
    pub fn priority(&self) -> Priority {
        self.priority
    }

    /// Whether both sides created it, instead of one telling the other in-band.
    pub fn negotiated(&self) -> bool {
        self.negotiated
    }

    /// The SCTP stream id, once it is known.
    pub fn id(&self) -> Option<u16> {
        self.stream.map(|stream| stream.0)
    }

    /// Where it stands.
    pub fn ready_state(&self) -> DataChannelState {
        match self.phase {
            Phase::Connecting => DataChannelState::Connecting,
            Phase::Opening | Phase::Open => DataChannelState::Open,
            Phase::Closing { .. } => DataChannelState::Closing,
        }
    }

    /// Below this many buffered bytes `ChannelBufferedAmountLow` fires.
    pub fn buffered_amount_low_threshold(&self) -> usize {
        self.low_threshold
    }

    /// What of `buffered` bytes on its stream is the application's: nothing of the preamble, which
    /// leaves first.
    pub(super) fn own_part(&self, buffered: usize) -> usize {
        let left = self.accepted - buffered as u64;
        let preamble = (self.preamble as u64).saturating_sub(left) as usize;
        buffered - preamble
    }
}
