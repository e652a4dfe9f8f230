//! Why a datagram was not used.

use core::net::SocketAddr;

use sansio::Path;
use stun::{AttributeError, CheckError, Class, Method, ParseError, TransactionId};

use crate::attribute::ChannelNumber;
use crate::channel_data::ChannelDataError;

/// Why a datagram was not used. Nothing but a counter has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Discard {
    /// The client is closed.
    #[error("the client is closed")]
    Closed,
    /// It did not come from the server.
    #[error("{0} is not the server's")]
    Path(Path),
    /// It is neither STUN nor ChannelData.
    #[error(transparent)]
    Malformed(#[from] ParseError),
    /// It is cut ChannelData.
    #[error(transparent)]
    ChannelData(#[from] ChannelDataError),
    /// Its channel is not bound.
    #[error("{0:?} is not bound")]
    Channel(ChannelNumber),
    /// It is a message that a server does not send.
    #[error("{method} {class:?}")]
    Unexpected {
        /// Its class.
        class: Class,
        /// Its method.
        method: Method,
    },
    /// It answers no request that is open.
    #[error("{0} answers nothing")]
    Transaction(TransactionId),
    /// It was not made by the server, or changed on its way.
    #[error(transparent)]
    Integrity(#[from] CheckError),
    /// An attribute is malformed.
    #[error(transparent)]
    Attribute(#[from] AttributeError),
    /// An indication without XOR-PEER-ADDRESS, or with neither DATA nor ICMP.
    #[error("an attribute is missing")]
    Incomplete,
    /// Data of a peer that has no permission of ours.
    #[error("{0} has no permission")]
    Peer(SocketAddr),
    /// A peer that has connected while there are so many connections already.
    #[error("{0} connections with peers already")]
    Connections(usize),
    /// Data of a peer, given to `handle_input` instead of `unwrap`.
    #[error("data of {0} that nobody takes")]
    Data(SocketAddr),
    /// A challenge that cannot be answered.
    #[error(transparent)]
    Challenge(#[from] stun::long_term::ChallengeError),
}
