//! Header extensions, RFC 8285.

mod block;
mod kind;

pub(crate) use block::Block;
pub use block::{Elements, Extensions};
pub use kind::Kind;
