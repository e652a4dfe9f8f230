//! The connection: a small struct, and a file for each way through it.
//!
//! | file | what |
//! |---|---|
//! | `close` | the end, by us or by the other side |
//! | `control` | whether there is anything to do but media |
//! | `data` | commands and getters of data channels |
//! | `getters` | states, descriptions, statistics |
//! | `input` | IN: one descent, demultiplexed by the first byte |
//! | `machine` | the struct and its `Machine` |
//! | `media` | commands and getters of transceivers |
//! | `output` | OUT: one pull |
//! | `rtp` | packets of transceivers, and what is asked about them |
//! | `settle` | FACTS: one ascent |
//! | `sockets` | relays, TCP, sockets of its own |

mod close;
mod control;
mod data;
mod getters;
mod input;
mod machine;
mod media;
mod output;
mod rtp;
mod settle;
mod sockets;

pub use close::CloseReason;
pub use input::Discard;
pub use machine::PeerConnection;
