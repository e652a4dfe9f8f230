//! Why a datagram was not used.

use core::net::SocketAddr;

use sansio::Path;
use stun::{AttributeError, CheckError, Method, ParseError, TransactionId};

/// Why a datagram was not used. Nothing but a counter has changed, and nothing is sent in return:
/// RFC 8489 §9.1.3 would have 400 and 401 for strangers, but silence cannot be abused to send
/// datagrams to third parties.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Discard {
    /// The agent is closed.
    #[error("the agent is closed")]
    Closed,
    /// It is no STUN message.
    #[error("no STUN message: {0}")]
    Parse(#[from] ParseError),
    /// It is a message of another method than Binding.
    #[error("method {0}")]
    Method(Method),
    /// One of its attributes is wrong.
    #[error("attribute: {0}")]
    Attribute(#[from] AttributeError),
    /// It lacks USERNAME, XOR-MAPPED-ADDRESS or ERROR-CODE.
    #[error("an attribute is missing")]
    Incomplete,
    /// It arrived at an address that is no candidate.
    #[error("no candidate at {0}")]
    UnknownLocalAddress(SocketAddr),
    /// USERNAME names another agent.
    #[error("for another user")]
    UnknownUser,
    /// It was not made with the password, or was changed on its way.
    #[error("not authentic: {0}")]
    Integrity(#[from] CheckError),
    /// It answers no request of ours, or one that is settled already.
    #[error("no transaction {0}")]
    UnknownTransaction(TransactionId),
    /// It answers a request of ours, but came another way than that request went. RFC 8445
    /// §7.2.5.2.1 would fail the pair; this way only the right answer, or time, decides on it.
    #[error("the request did not go along {0}")]
    AsymmetricResponse(Path),
    /// Application data on a path that no check has validated.
    #[error("{0} is not validated")]
    UnknownPath(Path),
    /// It came from a relay, which would not send it.
    #[error("from the relay: {0}")]
    Relay(turn::client::Discard),
    /// Too many requests await their response.
    #[error("{0} responses wait to be sent")]
    Busy(usize),
}
