//! SRTP and SRTCP: media packets are encrypted and authenticated where they lie, with keys derived
//! from what DTLS exports; each is taken once. No socket, no clock, and nothing is allocated for a
//! packet.
//!
//! - [x] RFC 3711 SRTP and SRTCP: AES-128 in counter mode with HMAC-SHA1-80 and -32, key
//!   derivation, replay protection; without re-keying (MKI, From-To), key derivation rates, F8 and
//!   the null cipher, none of which DTLS-SRTP has
//! - [x] RFC 7714 AES-128-GCM and AES-256-GCM
//! - [x] RFC 6188 AES-256 in counter mode
//! - [x] RFC 5764 §4.1.2 the protection profiles of DTLS-SRTP, but for null ciphers
//! - [ ] RFC 6904 encrypted header extensions
//! - [ ] RFC 9335 completely encrypted header extensions and CSRCs (Cryptex)
//!
//! ```
//! use patchcord_srtp::{Config, Discard, Inbound, Outbound, Profile};
//!
//! let (profile, key, salt) = (Profile::AeadAes128Gcm, [1; 16], [2; 12]);
//! let mut rng = testkit::SeededRng::new(1);
//! let mut sender = Outbound::new(profile, &key, &salt, &mut rng)?;
//! let mut receiver = Inbound::new(profile, &key, &salt, Config::default(), &mut rng)?;
//!
//! // A packet is written where it will be sent from. Behind it is room for the tag.
//! let mut buf = Vec::with_capacity(1500);
//! buf.extend_from_slice(&[0x80, 96, 0, 1, 0, 0, 0, 0, 0x11, 0x22, 0x33, 0x44]);
//! buf.extend_from_slice(b"payload");
//! sender.protect(&mut buf, 0)?;
//! assert_eq!(buf.len(), 12 + 7 + profile.tag_len());
//!
//! // It arrives twice, and once damaged.
//! let (mut again, mut damaged) = (buf.clone(), buf.clone());
//! damaged[2] ^= 1;
//! let packet = receiver.unprotect(&mut buf)?;
//! assert_eq!(&packet[12..], b"payload");
//! assert!(matches!(receiver.unprotect(&mut again), Err(Discard::Replayed { index: 1, .. })));
//! assert!(matches!(receiver.unprotect(&mut damaged), Err(Discard::Forged { .. })));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! Keys are wiped when they are dropped, but for those inside `ring` (AES-GCM), which offers no
//! way. No `Debug` shows one.
//!
//! | module | what |
//! |---|---|
//! | `authenticator` | HMAC-SHA1 with its key prepared |
//! | `config` | [`Config`] |
//! | `derivation` | session keys from a master key |
//! | `discard` | [`Discard`], [`Counters`]: what is not used of what arrives |
//! | `error` | [`KeyError`], [`ProtectError`]: what the caller can do wrong |
//! | `header` | what is read of a packet before it is decrypted |
//! | `inbound` | [`Inbound`]: verification and decryption |
//! | `index` | which packet of its stream a packet is |
//! | `keystream` | AES in counter mode |
//! | `outbound` | [`Outbound`]: encryption |
//! | `profile` | [`Profile`] |
//! | `sent` | what each number of a stream was used for |
//! | `streams` | a stream's state, found by its SSRC |
//! | `transform` | what a profile does with a packet |
//! | `window` | which packets of a stream have been taken |

#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)
)]

mod authenticator;
mod config;
mod derivation;
mod discard;
mod error;
mod header;
mod inbound;
mod index;
mod keystream;
mod outbound;
mod profile;
mod sent;
mod streams;
mod transform;
#[cfg(test)]
#[path = "../tests/vectors/mod.rs"]
mod vectors;
mod window;

pub use config::Config;
pub use discard::{Counters, Discard};
pub use error::{KeyError, ProtectError};
pub use inbound::Inbound;
pub use outbound::Outbound;
pub use profile::Profile;
