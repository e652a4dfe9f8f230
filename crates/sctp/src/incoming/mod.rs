//! What arrives: chunks to messages, messages to streams.

mod block;
mod delivery;
mod interleaved;
mod partials;
mod reassembly;
mod room;
mod runs;

pub(crate) use delivery::Delivery;
pub(crate) use reassembly::{Arrival, Limits, Reassembly};
pub(crate) use room::Unread;
