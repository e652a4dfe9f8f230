//! Cryptography that no user should have.

mod altered;
mod seeded;

pub use altered::Altered;
pub use seeded::{seeded_certificate, seeded_config};
