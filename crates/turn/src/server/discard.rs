//! Why a datagram was not used.

use core::net::{IpAddr, SocketAddr};

use sansio::Path;
use stun::{AttributeError, AttributeType, Class, Method, ParseError};

use crate::attribute::ChannelNumber;
use crate::channel_data::ChannelDataError;

/// Why a datagram was not used, or a request not answered. Nothing but a counter has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Discard {
    /// It is neither STUN nor ChannelData.
    #[error(transparent)]
    Malformed(#[from] ParseError),
    /// It is cut ChannelData.
    #[error(transparent)]
    ChannelData(#[from] ChannelDataError),
    /// An attribute of an indication is malformed.
    #[error(transparent)]
    Attribute(#[from] AttributeError),
    /// An attribute of an indication is missing.
    #[error("an attribute is missing")]
    Incomplete,
    /// It is an indication with an attribute that is to be understood, and is not.
    #[error("{0} is not understood")]
    NotUnderstood(AttributeType),
    /// It is a message that clients do not send.
    #[error("{method} {class:?}")]
    Unexpected {
        /// Its class.
        class: Class,
        /// Its method.
        method: Method,
    },
    /// Its FINGERPRINT is another one's.
    #[error("a wrong FINGERPRINT")]
    Fingerprint,
    /// There is no allocation at this 5-tuple.
    #[error("no allocation at {0}")]
    NoAllocation(Path),
    /// The channel is not bound.
    #[error("{0:?} is not bound")]
    Channel(ChannelNumber),
    /// The peer has no permission.
    #[error("{0} has no permission")]
    Peer(SocketAddr),
    /// The allocation has used up its bandwidth.
    #[error("{0} bytes more than the bandwidth allows")]
    Bandwidth(usize),
    /// So many strangers ask that this one is not answered.
    #[error("{0} and others ask too often")]
    Strangers(IpAddr),
    /// The relay socket is not open yet; the answer comes when it is.
    #[error("the allocation is being made")]
    Opening,
    /// More than a length field can say.
    #[error("{0} bytes in one datagram")]
    TooLong(usize),
    /// So many datagrams wait to be polled.
    #[error("{0} datagrams wait to be sent")]
    Busy(usize),
}
