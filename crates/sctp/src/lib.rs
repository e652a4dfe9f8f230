//! The SCTP association of WebRTC data channels (RFC 8261): messages in many streams, ordered or
//! not, reliable or not, over packets that may be lost, repeated and reordered. A sans-IO machine:
//! no socket, no clock, no thread.

pub mod association;
pub mod cause;
pub mod chunk;
mod config;
mod congestion;
mod error;
mod event;
mod ids;
mod incoming;
mod message;
mod outgoing;
pub mod packet;
pub mod parameter;
mod serial;
mod stream_table;
mod wire;

pub use association::{Association, Counters, Status};
pub use config::Config;
pub use error::{CloseReason, Discard, SendError, Violation};
pub use event::Event;
pub use ids::{Ppid, StreamId, Tag};
pub use message::{Message, Order, Reliability, SendOptions};
pub use serial::{RequestNumber, Ssn, Tsn};
pub use wire::ParseError;
