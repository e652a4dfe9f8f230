//! The engine: RTP out and in, and the RTCP about it, for all media sections of a connection.
//!
//! ```text
//!   IN   srtp ─► incoming: which stream? ─► receiver's queue ─► application
//!             └► control: reports, feedback, requests
//!   OUT  application ─► outgoing's queue ─► sender: header, history ─► srtp
//!        reports: what is due about all streams ─────────────────────► srtp
//! ```
//!
//! | file | what |
//! |---|---|
//! | `media` | the struct, and what negotiation tells it |
//! | `section` | one media section: sender and receiver |
//! | `sender`, `continuity`, `elements` | packets that leave |
//! | `stream`, `streams` | what arrives, by SSRC |
//! | `incoming`, `association` | RTP that arrived |
//! | `control` | RTCP that arrived |
//! | `outgoing` | RTP that leaves |
//! | `reports`, `requests` | RTCP that leaves |
//! | `statistics` | what is counted |
//! | `payload_types`, `extension_ids` | the numbers of one section |
//! | `discard` | why a packet was not used |

mod association;
mod continuity;
mod control;
mod discard;
mod elements;
mod extension_ids;
#[cfg(fuzzing)]
mod fuzzing;
mod incoming;
mod media;
mod outgoing;
mod payload_types;
mod reports;
mod requests;
mod section;
mod sender;
mod statistics;
mod stream;
mod streams;

#[cfg(test)]
mod tests;

pub use discard::MediaDiscard;
#[cfg(fuzzing)]
pub use fuzzing::MediaMachine;
pub(crate) use media::{Limits, Media};
