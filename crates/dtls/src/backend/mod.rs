//! The seam: what runs the handshake and protects records. Everything above it knows [`Identity`],
//! [`Engine`], [`Output`] and [`Failure`] only, so that another implementation can take this
//! folder's place.

mod engine;
mod failure;
mod identity;
mod pace;

pub(crate) use engine::{Engine, Output};
pub(crate) use failure::Failure;
pub(crate) use identity::Identity;

/// Largest handshake record that is let in, in bytes: what a path carries, and some.
///
/// The library keeps up to 30 of them and hands a certificate out in one piece, so this bounds
/// that piece: `30 * 2048 < 65536`.
pub(crate) const MAX_HANDSHAKE_RECORD: usize = 2048;
