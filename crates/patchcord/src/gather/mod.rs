//! Server-reflexive addresses (RFC 8445 §5.1.1.2): where STUN servers see our sockets. Each
//! announced socket is asked for once, for all connections that share it. Of several servers, the
//! first to answer counts.
//!
//! ```text
//!   bind ──► queries a socket ─── the answer ────► candidates of all connections that wait,
//!                  ▲    └─ no answer: 3.5 s ──┐    and of those to come
//!                  ├────── after 20 s ────────┴──► gathering is complete
//!                  └────── a call falls silent
//! ```
//!
//! | file | what |
//! |---|---|
//! | `family` | the servers that one socket asks |
//! | `gathered` | what was learnt, and the connections that wait for it |
//! | `query` | what one socket asks one server, and when |

mod family;
mod gathered;
mod query;

pub(crate) use family::FamilyQueries;
pub(crate) use gathered::{Gathered, Mapping, Remapped};
pub(crate) use query::Query;
