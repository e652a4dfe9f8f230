//! WebRTC for applications on tokio.

#![expect(dead_code, unused_imports, reason = "the connection that uses these comes next")]

mod mux;
mod net;
mod random;
mod timers;

pub use net::{AddressFilter, BindError};
