//! The handshake: who says what when, and what follows from it.
//!
//! | file | what |
//! |---|---|
//! | `stage` | [`Stage`]: what a handshake waits for |
//! | `context` | [`Context`]: what all stages work on |
//! | `transcript` | what has been said, hashed |
//! | `identity` | certificates and signatures of either side |
//! | `client`, `server` | the procedures of each role: hellos, then one file a version |

mod client;
mod context;
mod identity;
mod server;
mod stage;
mod transcript;

pub(crate) use client::begin;
pub(crate) use context::Context;
pub(crate) use stage::{Agreed, Stage, Step};
