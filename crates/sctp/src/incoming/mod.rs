//! What arrives: chunks to messages, messages to streams.

mod block;
mod delivery;
mod reassembly;
mod runs;

pub(crate) use delivery::Delivery;
pub(crate) use reassembly::{Arrival, Limits, Reassembly};
