//! The client's handshake.
//!
//! | file | what |
//! |---|---|
//! | `offer` | the ClientHello |
//! | `answer` | what a server may answer: its hello, or the wish for another one of ours |
//! | `twelve`, `thirteen` | what follows in each version |

mod answer;
mod offer;
mod thirteen;
mod twelve;

pub(super) use answer::hello;
pub(super) use offer::Offer;
pub(super) use thirteen::{Client13, Expect as Expect13};
pub(super) use twelve::{Client12, DOWNGRADE, Expect as Expect12};

pub(crate) use offer::begin;
