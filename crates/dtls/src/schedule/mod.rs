//! Key schedules: from a shared secret to keys.
//!
//! | file | what |
//! |---|---|
//! | `secret` | [`Secret`]: as long as a hash, wiped when dropped |
//! | `hkdf` | HKDF with labels, RFC 8446 §7.1 |
//! | `prf` | the pseudorandom function of DTLS 1.2, RFC 5246 §5 |
//! | `twelve`, `thirteen` | the schedule of each version |
//! | `exporter` | keys for others, RFC 5705 and RFC 8446 §7.5 |

mod exporter;
mod hkdf;
mod prf;
mod secret;
pub(crate) mod thirteen;
pub(crate) mod twelve;

pub(crate) use exporter::Exporter;
pub(crate) use secret::Secret;
