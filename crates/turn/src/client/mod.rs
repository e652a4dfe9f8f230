//! The client: one allocation on one 5-tuple, which is what a server knows it by.
//!
//! | file | procedure | RFC |
//! |---|---|---|
//! | `machine` | the struct, its getters, the contract of machines | |
//! | `request` | requests, their retransmission, what answers them | 8489 §6, 8656 §5 |
//! | `challenge` | 401, 438 and 441: credentials and their rotation | 8489 §9.2.5 |
//! | `allocate` | making an allocation, another server | 8656 §7, 8489 §10 |
//! | `refresh` | keeping it, moving it, giving it back | 8656 §8, 8016 §3 |
//! | `permission` | whom the server lets in | 8656 §10 |
//! | `channel` | channels | 8656 §12 |
//! | `connection` | TCP connections to and from peers | 6062 |
//! | `data` | what peers send and are sent, in place | 8656 §11, §12.4 |
//! | `config`, `discard`, `event` | what it is told and tells | |

mod allocate;
mod challenge;
mod channel;
mod config;
mod connection;
mod data;
mod discard;
mod event;
mod machine;
mod permission;
mod refresh;
mod request;

pub use config::{Config, Families};
pub use connection::Relaying;
pub use data::{FromPeer, Way, WrapError};
pub use discard::Discard;
pub use event::{CloseReason, Event, State};
pub use machine::{Client, PeerError};
