//! Facts that the association reports.

use crate::error::CloseReason;
use crate::ids::StreamId;

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Messages flow both ways.
    Connected,
    /// The other side lost its memory and began anew (RFC 9260 §5.2). All streams start from zero;
    /// what was on its way is lost, what waits whole is sent.
    Restarted,
    /// A stream from which all had been read has a message again.
    Readable(StreamId),
    /// There is room again after [`SendError::BufferFull`](crate::SendError::BufferFull).
    Writable,
    /// What waits on a stream fell to its threshold or below.
    BufferedAmountLow(StreamId),
    /// The other side closed its direction of a stream: what it sent before is readable or was
    /// read.
    IncomingStreamReset(StreamId),
    /// Our direction of a stream is closed, everything sent on it has arrived, and it may be used
    /// anew.
    OutgoingStreamReset(StreamId),
    /// The other side refused to reset a stream, or does not know how. It stays usable.
    OutgoingStreamResetFailed(StreamId),
    /// There are more streams now than before: so many to send on, and so many that the other side
    /// sends on.
    StreamsAdded {
        /// Ours.
        outbound: u16,
        /// Theirs.
        inbound: u16,
    },
    /// The other side refused to add streams.
    StreamsNotAdded,
    /// The other side takes fewer streams than we wanted, and this one had messages waiting. They
    /// are lost.
    StreamRefused(StreamId),
    /// The end. Messages that arrived before stay readable.
    Closed(CloseReason),
}
