//! Header extensions, RFC 8285.

mod kind;

pub use kind::Kind;
