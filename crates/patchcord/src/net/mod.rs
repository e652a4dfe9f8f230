//! Sockets, their addresses, and datagrams on their way in and out.
//!
//! | file | what |
//! |---|---|
//! | `addresses` | what is announced, what peers see, and what the kernel is told |
//! | `interfaces` | the addresses of this host, and which of them are used |
//! | `outbox` | datagrams that were pulled and not sent yet |
//! | `ports` | which ports may be bound |
//! | `receive` | the buffers of one batch |
//! | `socket` | one UDP socket with all that the system has to offer |
//! | `sockets` | all sockets of an endpoint, lane by lane |
//! | `watch` | addresses of this host come and go |

mod addresses;
mod interfaces;
mod outbox;
mod ports;
mod receive;
mod socket;
mod sockets;
mod watch;

pub(crate) use addresses::{Addresses, Family};
pub use interfaces::AddressFilter;
pub(crate) use interfaces::{Interface, listed};
pub(crate) use outbox::{Head, Outbox, Packet};
pub(crate) use ports::Ports;
pub(crate) use receive::{Arrival, Inbox};
pub(crate) use socket::{Socket, source_for};
pub use sockets::BindError;
pub(crate) use sockets::{OwnId, Port, Sent, Sockets};
pub use turn::server::Prefix;
#[cfg(test)]
pub(crate) use watch::tests::MadeUp;
pub(crate) use watch::{Interfaces, System, Watch};
