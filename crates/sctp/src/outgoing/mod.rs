//! What is to be sent: messages to fragments, fragments to acknowledgements.
//!
//! ```text
//!  queue        messages wait, stream by stream      turns        whose turn it is
//!  waiting      a message, and its fragments         admission    how many at a time
//!  outstanding  chunks sent, a ring by TSN           sent         one of them
//!  packets      packets sent, a ring by number
//!  acked        what SACKs take off the rings        losses       what is to be sent again
//! ```

mod acked;
mod admission;
mod losses;
mod outstanding;
mod packets;
mod queue;
mod sent;
mod turns;
mod waiting;

pub(crate) use acked::Acked;
pub(crate) use losses::{Losses, Overdue};
pub(crate) use outstanding::{Outstanding, Position};
pub(crate) use packets::PacketNumber;
pub(crate) use queue::{Numbers, SendQueue};
pub(crate) use sent::Kind;
