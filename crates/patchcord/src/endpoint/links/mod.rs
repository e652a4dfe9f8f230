//! Sockets and streams that belong to one connection each: to its relays, and to its peer over TCP.
//!
//! ```text
//!   SocketWanted ──► UDP: bound at once
//!                └─► TCP, TLS, DTLS: a task ────┐
//!   the listener accepts ──► a first frame ──────┴──► a link of that connection
//!
//!   something to read ──► the link's bell ──► the mailbox ──► the driver serves the link
//! ```
//!
//! The driver does not look at links that have nothing for it: each has a bell that its reactor
//! rings. A stream that takes no more keeps what it was given, up to a bound, and nobody else waits.
//!
//! | file | what |
//! |---|---|
//! | `accept` | streams that others have opened: whose they are |
//! | `bell` | what the reactor rings |
//! | `open` | what a connection asks for |
//! | `serve` | reading, writing, and the end |
//! | `table` | all links, by their numbers and by their paths |

mod accept;
mod bell;
mod open;
mod serve;
mod table;

pub(crate) use table::LinkId;
pub(super) use table::Links;
