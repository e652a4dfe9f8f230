//! How handshake messages travel: in flights that are repeated until they are answered, in
//! fragments that come in any order.
//!
//! | file | what |
//! |---|---|
//! | `inbox` | messages of the other side, put together |
//! | `outbox` | our flight: fragmented, sent, repeated |
//! | `timer` | when it is repeated |
//! | `acks` | what we acknowledge, DTLS 1.3 |
//! | `early` | records that came before their keys |
//! | `ranges` | which bytes of a message are there |

mod acks;
mod early;
mod inbox;
mod outbox;
mod ranges;
mod timer;

pub(crate) use acks::Acks;
pub(crate) use early::EarlyRecords;
pub(crate) use inbox::{Inbox, Message, Verdict};
pub(crate) use outbox::{Most, Outbox, Repeats};
