//! What can go wrong, and whose fault it is.

use thiserror::Error;

use crate::ids::{StreamId, Tag};
use crate::wire::ParseError;

/// Why a message was not taken. Nothing of it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SendError {
    /// SCTP has no empty messages; RFC 8831 §6.6 sends one byte with a PPID of its own instead.
    #[error("a message has at least one byte")]
    Empty,
    /// Larger than [`Config::max_message_size`](crate::Config::max_message_size).
    #[error("message of {size} bytes, the most is {max}")]
    TooLarge {
        /// Its bytes.
        size: usize,
        /// The most that is allowed.
        max: usize,
    },
    /// Too much waits already. [`Event::Writable`](crate::Event::Writable) comes when there is room.
    #[error("{buffered} bytes wait to be sent")]
    BufferFull {
        /// Bytes that wait.
        buffered: usize,
    },
    /// No such stream was agreed on.
    #[error("stream {stream} of {streams}")]
    NoSuchStream {
        /// The stream asked for.
        stream: StreamId,
        /// How many there are.
        streams: u16,
    },
    /// The stream is being reset.
    #[error("stream {0} is being reset")]
    Resetting(StreamId),
    /// The association is shutting down or over.
    #[error("the association is closing or closed")]
    Closed,
}

/// Why no streams were asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AddStreamsError {
    /// The association does not stand.
    #[error("the association does not stand")]
    NotConnected,
    /// The other side does not know RFC 6525.
    #[error("the other side cannot add streams")]
    Unsupported,
    /// More than there can be.
    #[error("{streams} streams, the most is {max}")]
    TooMany {
        /// How many there would be.
        streams: u32,
        /// How many there may be.
        max: u16,
    },
}

/// Why a packet was not used. The other side's fault, or a stranger's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Discard {
    /// It is malformed.
    #[error(transparent)]
    Malformed(#[from] ParseError),
    /// It is for other ports.
    #[error("ports {source_port} to {destination_port}")]
    Ports {
        /// Where it comes from.
        source_port: u16,
        /// Where it wants to go.
        destination_port: u16,
    },
    /// It does not carry our tag.
    #[error("verification tag {found}")]
    VerificationTag {
        /// The tag it carries.
        found: Tag,
    },
    /// INIT, INIT ACK and SHUTDOWN COMPLETE travel alone, and COOKIE ECHO comes first (RFC 9260
    /// §6.10).
    #[error("chunks that may not share a packet")]
    Bundling,
    /// Nothing in it means something in this state.
    #[error("out of the blue, or out of place")]
    Unexpected,
    /// A cookie that is not ours.
    #[error("forged cookie")]
    Cookie,
}

/// Why an association ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// Gracefully: all was delivered both ways.
    Shutdown,
    /// [`abort`](crate::Association::abort) was called.
    LocalAbort,
    /// The other side sent ABORT.
    RemoteAbort {
        /// The first error cause it gave, a code of RFC 9260 §3.3.10.
        cause: Option<u16>,
    },
    /// Nobody answered the set-up.
    ConnectTimeout {
        /// How often INIT or COOKIE ECHO was sent again.
        retransmissions: u32,
    },
    /// The other side vanished.
    Timeout {
        /// How often in a row something was sent again.
        retransmissions: u32,
    },
    /// The other side did not finish the shutdown in time (T5, RFC 9260 §9.2).
    ShutdownTimeout,
    /// The other side broke a rule, and was told so in an ABORT.
    Violation(Violation),
}

/// A rule that the other side broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Violation {
    /// DATA without payload, RFC 9260 §6.2.
    #[error("DATA chunk without payload")]
    NoUserData,
    /// A SACK for what was never sent, RFC 9260 §6.2.1.
    #[error("acknowledged what was never sent")]
    AckOfUnsent,
    /// A message larger than
    /// [`max_incoming_message_size`](crate::Config::max_incoming_message_size).
    #[error("message too large")]
    MessageTooLarge,
    /// DATA or FORWARD TSN although messages are interleaved, or I-DATA or I-FORWARD-TSN although
    /// they are not, RFC 8260 §2.2.1.
    #[error("DATA in place of I-DATA, or the reverse")]
    WrongChunkKind,
    /// More unfinished messages at a time than
    /// [`receive_window`](crate::Config::receive_window) and half of it again hold, so that none of
    /// them could be finished.
    #[error("unfinished messages fill the receive window")]
    UnfinishedMessages,
    /// INIT or INIT ACK without streams or with a window below 1500 bytes, RFC 9260 §3.3.2.
    #[error("invalid INIT or INIT ACK")]
    InvalidInit,
    /// INIT ACK without cookie, RFC 9260 §3.3.3.
    #[error("INIT ACK without cookie")]
    MissingCookie,
    /// An address by name, RFC 9260 §5.1.2.
    #[error("address by host name")]
    HostName,
}

/// Why bytes are no [`InitToken`](crate::InitToken).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// They are malformed.
    #[error(transparent)]
    Malformed(#[from] ParseError),
    /// They are something else than one INIT chunk.
    #[error("{len} bytes that are not one INIT chunk")]
    NotInit {
        /// How many bytes there are.
        len: usize,
    },
    /// An INIT that no association can come of.
    #[error(transparent)]
    Unusable(#[from] Violation),
}
