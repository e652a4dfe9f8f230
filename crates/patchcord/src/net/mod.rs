//! Sockets, their addresses, and datagrams on their way in and out.
//!
//! | file | what |
//! |---|---|
//! | `addresses` | what is announced, what peers see, and what the kernel is told |
//! | `interfaces` | the addresses of this host |
//! | `outbox` | datagrams that were pulled and not sent yet |
//! | `receive` | the buffers of one batch |
//! | `socket` | one UDP socket with all that the system has to offer |
//! | `sockets` | all sockets of an endpoint, lane by lane |

mod addresses;
mod interfaces;
mod outbox;
mod receive;
mod socket;
mod sockets;

pub(crate) use addresses::{Addresses, Family};
pub use interfaces::AddressFilter;
pub(crate) use outbox::{Head, Outbox, Packet};
pub(crate) use receive::{Arrival, Inbox};
pub use sockets::BindError;
pub(crate) use sockets::{Sent, Sockets};
