//! One connection.
//!
//! | file | what |
//! |---|---|
//! | `machine` | [`Connection`]: construction, getters, the [`Machine`](sansio::Machine) trait |
//! | `phase` | what exists during the handshake, while connected, and afterwards |
//! | `open` | records that arrive |
//! | `handshake` | the handshake's outcome, the certificate check |
//! | `seal` | application records that leave |
//! | `close` | the end, from either side |

mod close;
mod handshake;
mod machine;
mod open;
mod phase;
mod seal;

pub use machine::Connection;
