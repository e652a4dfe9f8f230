//! Offer and answer, RFC 9429 (JSEP): what was agreed, and the way there.
//!
//! | file | what |
//! |---|---|
//! | `candidates` | trickled candidates, theirs and ours |
//! | `commands` | the W3C's four commands, with the states that they need |
//! | `commit` | both descriptions are there: transports learn what was agreed |
//! | `error` | why a command was refused |
//! | `read` | a remote description, checked and reduced to what matters |
//! | `state` | what is outstanding, what was agreed |
//! | `write` | our descriptions, from what was agreed and gathered |

mod candidates;
mod commands;
mod commit;
mod error;
mod read;
mod state;
mod write;

pub use error::NegotiationError;
pub(crate) use state::Negotiation;
