//! Server-reflexive addresses (RFC 8445 §5.1.1.2): where a STUN server sees our sockets. Each
//! announced socket is asked for once, for all connections that share it.
//!
//! ```text
//!   bind ──► a query a socket ─── the answer ────► candidates of all connections that wait,
//!                  ▲    └─ no answer: 3.5 s ──┐    and of those to come
//!                  └────── after 20 s ────────┴──► gathering is complete
//! ```
//!
//! | file | what |
//! |---|---|
//! | `gathered` | what was learnt, and the connections that wait for it |
//! | `query` | what one socket asks, and when |
//! | `server` | the name of the server, and its addresses |

mod gathered;
mod query;
mod server;

pub(crate) use gathered::{Gathered, Mapping};
pub(crate) use query::Query;
pub(crate) use server::resolve;
