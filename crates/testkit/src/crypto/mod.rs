//! Cryptography that no user should have.

mod altered;
mod deterministic;

pub use altered::Altered;
pub use deterministic::Deterministic;
