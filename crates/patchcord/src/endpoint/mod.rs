//! An endpoint: its handle, and the task that drives all its connections.
//!
//! | file | what |
//! |---|---|
//! | `counters` | [`EndpointStats`] |
//! | `driver` | the task: what it waits for, and one round of work |
//! | `follow` | addresses of the host come and go |
//! | `gather` | questions to a STUN server, and its answers |
//! | `handle` | [`Endpoint`] |
//! | `input` | datagrams in: each finds its peer |
//! | `isolate` | a panic in one connection ends no other one |
//! | `links` | sockets and streams that belong to one connection each |
//! | `output` | datagrams out: peers are pulled, neighbours grouped |
//! | `peers` | connections come and go |
//! | `relays` | TURN servers of a connection |
//! | `shared` | what handles and the driver share |

mod counters;
mod driver;
mod follow;
mod gather;
mod handle;
mod input;
mod isolate;
mod links;
mod output;
mod peers;
mod relays;
mod shared;
#[cfg(test)]
mod tests;

pub use counters::EndpointStats;
pub use handle::{Endpoint, PeerConnectionError};
pub(crate) use shared::Shared;
