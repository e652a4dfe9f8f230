//! The handshake: who says what when, and what follows from it.
//!
//! | file | what |
//! |---|---|
//! | `stage` | [`Stage`]: what a handshake waits for |
//! | `context` | [`Context`]: what all stages work on |
//! | `transcript` | what has been said, hashed |
//! | `identity` | certificates and signatures of either side |
//! | `proof` | what either role shows and checks in DTLS 1.3 |
//! | `terms` | what the two agree on besides keys |
//! | `client`, `server` | the procedures of each role: hellos, then one file a version |

mod client;
mod context;
mod identity;
mod proof;
mod server;
mod stage;
mod terms;
mod transcript;

pub(crate) use client::begin;
pub(crate) use context::{Context, Sending};
pub(crate) use stage::{Agreed, Stage, Step};
