//! Offer and answer, RFC 9429 (JSEP): what was agreed, and the way there.
//!
//! | file | what |
//! |---|---|
//! | `agree` | what offer and answer say together, told to the engine of media |
//! | `answer` | what we answer |
//! | `associate` | which transceiver belongs to which section |
//! | `candidates` | trickled candidates, theirs and ours |
//! | `commands` | the W3C's four commands, with the states that they need |
//! | `commit` | both descriptions are there: transports learn what was agreed |
//! | `error` | why a command was refused |
//! | `need` | whether an offer is needed |
//! | `offer` | what we offer |
//! | `read`, `read_rtp` | a remote description, checked and reduced to what matters |
//! | `snap` | whether descriptions carry the INITs of SCTP |
//! | `section` | media sections of ours |
//! | `state` | what is outstanding, what was agreed |
//! | `write`, `write_rtp` | our descriptions, from what was agreed and gathered |

mod agree;
mod answer;
mod associate;
mod candidates;
mod commands;
mod commit;
mod error;
mod need;
mod offer;
mod read;
mod read_rtp;
mod section;
mod snap;
mod sped;
mod state;
mod write;
mod write_rtp;

pub use error::NegotiationError;
pub(crate) use state::Negotiation;
