//! DTLS for WebRTC: a handshake in which both sides show certificates, checked against the
//! fingerprints of the session description; records sealed and opened in place; keys for SRTP. No
//! socket, no clock.
//!
//! - [x] RFC 6347 DTLS 1.2: ECDHE with ECDSA, Ed25519 or RSA certificates; RFC 5289 and RFC 7905
//!   suites, RFC 7627 extended master secret (required), RFC 5746 (no renegotiation)
//! - [x] RFC 9147 DTLS 1.3, RFC 8446: HelloRetryRequest, acknowledgements, key updates
//! - [x] records that come before their keys, and data before the end of the handshake, wait
//! - [x] the version is negotiated in both roles, after the whole ClientHello is there
//! - [x] X25519MLKEM768, X25519, P-256, P-384; shares for the first two
//! - [x] RFC 5764 `use_srtp` in the server's order, RFC 5705 and RFC 8446 §7.5 exporters
//! - [x] RFC 8122 fingerprints, RFC 8827 §6.5 what they are for
//! - [x] RFC 7350 servers that are known by name: the caller judges their certificates; RFC 6066 §3
//!   `server_name`; clients that show none
//! - [x] RFC 8449 record size limit; RFC 7301 ALPN, for the `webrtc` of RFC 8833 and others; key log
//!   for Wireshark
//! - [ ] RFC 9146 connection ids: the extension is passed over, records that carry one are not taken
//! - [x] application data of a server before it knows its client, off by default
//! - [ ] resumption, 0-RTT: not wanted here
//!
//! ```
//! use std::sync::Arc;
//!
//! use patchcord_dtls::{Certificate, Config, Connection, Event, HashFunction, Role};
//! use sansio::{Datagram, Instant, Machine};
//! use testkit::SeededRng; // In production: a secure generator.
//!
//! let now = Instant::ZERO;
//! let alice = Config::new(Arc::new(Certificate::generate()?));
//! let bob = Config::new(Arc::new(Certificate::generate()?));
//! // Session descriptions carry these.
//! let of_alice = alice.certificate.fingerprint(HashFunction::Sha256);
//! let of_bob = bob.certificate.fingerprint(HashFunction::Sha256);
//! let mut alice = Connection::new(now, &alice, Role::Client, vec![of_bob], SeededRng::boxed(1))?;
//! let mut bob = Connection::new(now, &bob, Role::Server, vec![of_alice], SeededRng::boxed(2))?;
//!
//! // Here the network is two buffers.
//! let (mut to_bob, mut to_alice) = (Vec::new(), Vec::new());
//! while alice.poll_transmit(now, &mut to_bob).is_some()
//!     || bob.poll_transmit(now, &mut to_alice).is_some()
//! {
//!     for (to, wire) in [(&mut bob, &mut to_bob), (&mut alice, &mut to_alice)] {
//!         if !wire.is_empty() {
//!             to.handle_input(now, Datagram::new((), now, wire))?;
//!             wire.clear();
//!         }
//!     }
//! }
//! assert!(matches!(alice.poll_event(), Some(Event::Connected { .. })));
//! assert!(matches!(bob.poll_event(), Some(Event::Connected { .. })));
//!
//! // A record is made around its plaintext, in the buffer that will be sent.
//! let mut buf = vec![0; alice.head_room()];
//! buf.extend_from_slice(b"hello");
//! alice.seal(&mut buf, 0)?;
//! let mut rest = &mut buf[..];
//! assert_eq!(bob.open(now, &mut rest)?.as_deref(), Some(&b"hello"[..]));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! Cryptography comes from [`Crypto`], by default `ring` and, for ML-KEM, `libcrux-ml-kem`; both take
//! the operating system's randomness. What is promised, and what is not, is in `SECURITY.md`.
//!
//! ```text
//!  datagram ─► wire::RecordHeader ─► record::Records ─┬─► application data, in place
//!                                    (opens)          └─► flight::Inbox ─► handshake::Stage
//!  datagram ◄─ record::Records ◄─ flight::Outbox ◄──────────────────────── (says)
//!              (seals)
//! ```
//!
//! | module | what |
//! |---|---|
//! | `alert`, `suite`, `group`, `signature_scheme`, `srtp_profile`, `version` | what registries number: [`Alert`], [`CipherSuite`], [`NamedGroup`], [`SignatureScheme`], [`SrtpProfile`], [`ProtocolVersion`] |
//! | `certificate`, `fingerprint` | [`Certificate`], [`Fingerprint`]: who is who |
//! | `config` | [`Config`], [`Role`], [`Versions`], [`ClientAuthentication`], [`ServerAuthentication`], [`KeyLog`] |
//! | `connection` | [`Connection`]: the machine |
//! | `crypto` | [`Crypto`]: where cryptography comes from; [`Ring`] |
//! | `discard` | [`Discard`], [`SealError`], [`ExportError`], [`Counters`] |
//! | `event` | [`Event`], [`State`], [`CloseReason`] |
//! | `flight` | how handshake messages travel: fragments, repetition, acknowledgements |
//! | `handshake` | who says what when, for both roles and both versions |
//! | `keying_material` | [`KeyingMaterial`]: keys for SRTP |
//! | `record` | records, sealed and opened in place; replay windows; epochs |
//! | `schedule` | key schedules of both versions |
//! | `wire` | records, messages and extensions, a file each |

extern crate alloc;

mod alert;
mod certificate;
mod config;
mod connection;
mod crypto;
mod discard;
mod event;
mod fingerprint;
mod flight;
mod group;
mod handshake;
mod keying_material;
mod record;
mod schedule;
mod signature_scheme;
mod srtp_profile;
mod suite;
mod version;
mod wire;

pub use alert::Alert;
pub use certificate::{Certificate, CertificateError, Validity};
pub use config::{
    ClientAuthentication, Config, ConfigError, KeyLog, Role, ServerAuthentication, Versions,
};
pub use connection::Connection;
pub use crypto::{
    Aead, AeadAlgorithm, Crypto, CryptoError, Hasher, KeyKind, KeyShare, PublicKey, RecordMask,
    Ring, SharedSecret, SigningKey,
};
pub use discard::{Counters, Discard, ExportError, SealError};
pub use event::{CloseReason, Event, State};
pub use fingerprint::{Fingerprint, FingerprintError, HashFunction};
pub use group::NamedGroup;
pub use keying_material::{KeyingMaterial, MasterKey};
pub use signature_scheme::SignatureScheme;
pub use srtp_profile::SrtpProfile;
pub use suite::CipherSuite;
pub use version::ProtocolVersion;
