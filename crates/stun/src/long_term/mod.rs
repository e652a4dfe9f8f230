//! Long-term credentials, RFC 8489 §9.2: a name, a realm and a password, and a nonce against
//! replay.
//!
//! ```text
//! client                                        server
//!   request ─────────────────────────────────────►
//!   ◄──────────── 401, REALM, NONCE, PASSWORD-ALGORITHMS
//!   USERNAME (or USERHASH), REALM, NONCE, PASSWORD-ALGORITHM(S), integrity ─►
//!   ◄──────────────────────────── response, integrity
//!                         … until the nonce expires:
//!   ◄──────────────────────────────── 438, NONCE
//! ```
//!
//! A server that knows more than MD5 says so in its nonce, where nobody on the path can take it
//! away: a client that finds the bit in the nonce and no list beside it ignores the response.
//!
//! | file | what |
//! |---|---|
//! | `client` | [`Client`] |
//! | `nonce` | [`Features`], nonces that a server recognizes without keeping them |
//! | `server` | [`Server`] |

mod client;
mod nonce;
mod server;

#[cfg(test)]
mod tests;

pub use client::{ChallengeError, Client};
pub use nonce::Features;
pub use server::{Account, Authenticated, Name, Refusal, Secret, Server};
