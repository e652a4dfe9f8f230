//! Which peer a datagram belongs to, and from which socket a peer reaches a remote address. No IO.
//!
//! | file | what |
//! |---|---|
//! | `table` | names, paths and lanes of all peers |
//! | `transactions` | who sent which STUN request |

mod table;
mod transactions;

pub(crate) use table::{Key, Lane, Mux};
