//! The machine: a small struct, and its procedures one file each.
//!
//! | file | procedure | RFC 6762 |
//! |---|---|---|
//! | `mdns` | the struct, its commands, the contract of machines | |
//! | `ask` | questions for names of others | §5 |
//! | `hear` | what others say, and for how long it is believed | §10 |
//! | `tell` | answers, announcements, farewells for names of ours | §6, §8.3, §10.1 |

mod ask;
mod hear;
mod mdns;
mod tell;
#[cfg(test)]
mod tests;

pub use ask::ResolveError;
pub use mdns::{Discard, Event, Mdns, PORT, group};
pub use tell::OfferError;
