//! One connection: what its handles and the driver share, and the handle itself.
//!
//! | file | what |
//! |---|---|
//! | `close` | [`CloseReason`] |
//! | `event` | [`Event`] |
//! | `failure` | [`IceCandidateError`] |
//! | `handle` | [`PeerConnection`] |
//! | `keepalive` | handles keep a connection alive, and the last one ends it |
//! | `queue` | events that wait for the application |
//! | `shared` | what the driver and all handles share, behind one mutex |
//! | `sockets` | what it wants of the driver beyond datagrams |
//! | `state` | what that mutex guards |
//! | `waiting` | a wait for the next change, kept over polls |
//! | `woken` | what is to be done once the mutex is free |

mod close;
mod event;
mod failure;
mod handle;
mod keepalive;
mod queue;
mod shared;
mod sockets;
mod state;
mod waiting;
mod woken;

pub use close::CloseReason;
pub use event::Event;
pub use failure::IceCandidateError;
pub use handle::PeerConnection;
pub(crate) use keepalive::Alive;
pub(crate) use shared::Connection;
pub(crate) use sockets::SocketChange;
pub(crate) use state::State;
pub(crate) use waiting::Waiting;
pub(crate) use woken::Woken;
