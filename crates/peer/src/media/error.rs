//! Why something about media was refused.

use rtp::PayloadType;
use thiserror::Error;

/// Why a command about a transceiver was refused. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TransceiverError {
    /// The connection, or the transceiver, is stopped (W3C InvalidStateError).
    #[error("the connection or the transceiver is stopped")]
    Stopped,
    /// No transceiver has this id.
    #[error("no such transceiver")]
    Unknown,
    /// A codec that this side cannot negotiate (W3C InvalidModificationError).
    #[error("codec {0} cannot be negotiated")]
    Codec(String),
}

/// Why an RTP packet was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RtpSendError {
    /// There is no connection yet, or no longer.
    #[error("not connected")]
    NotConnected,
    /// No transceiver has this id.
    #[error("no such transceiver")]
    Unknown,
    /// The direction that was agreed does not let us send.
    #[error("the direction that was agreed does not let this side send")]
    Direction,
    /// The payload type was not negotiated for this transceiver.
    #[error("payload type {0} was not negotiated")]
    PayloadType(PayloadType),
    /// The packet is larger than the path carries.
    #[error("a payload of {len} bytes, of which at most {max} fit")]
    TooLarge {
        /// Bytes there are.
        len: usize,
        /// Bytes that fit.
        max: usize,
    },
    /// The queue to the network is full; the packet was dropped.
    #[error("the queue to the network is full")]
    QueueFull,
}
