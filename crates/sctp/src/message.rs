//! Messages, and how they are to be delivered.

use core::time::Duration;

use bytes::Bytes;

use crate::ids::Ppid;

/// A message that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What the payload is.
    pub ppid: Ppid,
    /// How it was sent.
    pub order: Order,
    /// The bytes, at least one.
    pub payload: Bytes,
}

/// Whether a message waits for those before it in its stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Order {
    /// It is delivered after those before it.
    #[default]
    Ordered,
    /// It is delivered as soon as it is complete.
    Unordered,
}

/// How long to try, RFC 3758 and RFC 7496. The other side must support it, or all are reliable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reliability {
    /// Until it is delivered.
    #[default]
    Reliable,
    /// A fragment is sent again at most so often.
    MaxRetransmits(u16),
    /// It is not sent, nor sent again, when it is older than this.
    MaxLifetime(Duration),
    /// As long as nothing of it was sent, it gives way to messages worth more when the send buffer
    /// is full: to those of a smaller number here, and to those of all other kinds. The last one
    /// taken goes first.
    Priority(u32),
}

/// What goes with a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SendOptions {
    /// What the payload is.
    pub ppid: Ppid,
    /// Whether it waits for those before it.
    pub order: Order,
    /// How long to try.
    pub reliability: Reliability,
}
