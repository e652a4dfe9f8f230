//! Data channels over one SCTP association, RFC 8831 and 8832.
//!
//! | file | what |
//! |---|---|
//! | `channel` | one channel's facts |
//! | `close` | the closing procedure |
//! | `create` | checks of what an application asks for, stream ids |
//! | `dcep` | the two messages of RFC 8832 |
//! | `early` | messages that come before their channel |
//! | `early_packets` | packets that come before the association |
//! | `establish` | channels that open, ours and theirs |
//! | `messages` | sending and reading |
//! | `room` | each channel's part of the send buffer |
//! | `streams` | which stream ids are taken, and which is next |
//! | `transport` | the association with its channels |

mod channel;
mod close;
mod create;
pub mod dcep;
mod early;
mod early_packets;
mod establish;
#[cfg(any(test, fuzzing))]
mod fuzzing;
mod messages;
mod room;
mod streams;
mod transport;

pub use channel::{
    Channel, ChannelId, DataChannelInit, DataChannelState, Message, MessageKind, Priority,
};
pub(crate) use close::Initiator;
pub use create::ChannelError;
#[cfg(fuzzing)]
pub use fuzzing::ChannelMachine;
pub use messages::SendError;
pub(crate) use streams::Parity;
pub(crate) use transport::{DataTransport, Limits};

#[cfg(test)]
mod tests;
