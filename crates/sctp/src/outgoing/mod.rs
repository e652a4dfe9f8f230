//! What is to be sent: messages to fragments, fragments to acknowledgements.

mod outstanding;
mod queue;
mod round_robin;

pub(crate) use outstanding::{Acked, Outstanding, Position};
pub(crate) use queue::{Numbers, SendQueue};
