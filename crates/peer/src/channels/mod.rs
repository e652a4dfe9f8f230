//! Data channels over one SCTP association, RFC 8831 and 8832.
//!
//! | file | what |
//! |---|---|
//! | `channel` | one channel's facts |
//! | `close` | the closing procedure |
//! | `create` | checks of what an application asks for, stream ids |
//! | `dcep` | the two messages of RFC 8832 |
//! | `establish` | channels that open, ours and theirs |
//! | `messages` | sending and reading |
//! | `transport` | the association with its channels |

mod channel;
mod close;
mod create;
pub mod dcep;
mod establish;
mod messages;
mod transport;

pub use channel::{Channel, ChannelId, DataChannelInit, DataChannelState, Message, MessageKind};
pub(crate) use close::Initiator;
pub use create::ChannelError;
pub use messages::SendError;
pub(crate) use transport::{DataTransport, Parity};
