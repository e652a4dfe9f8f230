//! One connection.
//!
//! | file | what |
//! |---|---|
//! | `machine` | [`Connection`]: construction, getters, the [`Machine`](sansio::Machine) trait |
//! | `phase` | what exists during the handshake, while connected, and afterwards |
//! | `open` | records that arrive |
//! | `messages` | handshake messages, put together and acted on |
//! | `establish` | the handshake's outcome |
//! | `judge` | a server's certificates, as the caller judges them |
//! | `timers` | the clock of the handshake |
//! | `update` | new keys for an old connection |
//! | `seal` | application records that leave |
//! | `close` | alerts, and the end, from either side |

mod close;
mod establish;
mod judge;
mod machine;
mod messages;
mod open;
mod phase;
mod seal;
mod timers;
mod update;

pub use machine::Connection;

#[cfg(test)]
mod tests;
