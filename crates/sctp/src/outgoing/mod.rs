//! What is to be sent: messages to fragments, fragments to acknowledgements.
//!
//! ```text
//!  queue        messages wait, stream by stream      turns        whose turn it is
//!  waiting      a message, and its fragments         admission    how many at a time
//!  stream       one of the streams                   expendable   what gives way to others
//!  room         who begins, and who gives way        anew         resets
//!  outstanding  chunks sent, a ring by TSN           sent         one of them
//!  packets      packets sent, a ring by number
//!  acked        what SACKs take off the rings        losses       what is to be sent again
//! ```

mod acked;
mod admission;
mod anew;
mod expendable;
mod losses;
mod outstanding;
mod packets;
mod queue;
mod room;
mod sent;
mod stream;
mod turns;
mod waiting;

pub(crate) use acked::Acked;
pub(crate) use anew::Numbers;
pub(crate) use losses::{Losses, Overdue};
pub(crate) use outstanding::{Outstanding, Position};
pub(crate) use packets::PacketNumber;
pub(crate) use queue::SendQueue;
pub(crate) use sent::Kind;
pub(crate) use waiting::Fragment;
