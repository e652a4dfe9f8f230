//! DTLS for WebRTC: a handshake in which both sides show certificates, checked against the
//! fingerprints of the session description; records sealed and opened in place; keys for SRTP. No
//! socket, no clock.
//!
//! - [x] RFC 6347 DTLS 1.2, with RFC 5289, RFC 7905 suites and RFC 7627 extended master secret
//! - [x] RFC 9147 DTLS 1.3, RFC 8446; the version is negotiated in both roles
//! - [x] RFC 5764 `use_srtp`, RFC 5705 and RFC 8446 §7.5 exporters
//! - [x] RFC 8122 fingerprints, RFC 8827 §6.5 what they are for
//! - [ ] RSA certificates of the other side, RFC 8442
//! - [ ] X25519MLKEM768: a ClientHello that offers it is answered with another group
//! - [ ] the server's own order among SRTP profiles in DTLS 1.3: the client's order decides there
//! - [ ] alerts about a certificate in DTLS 1.3, where they need protection
//! - [ ] RFC 8449 record size limit, RFC 9146 connection ids, RFC 5077 tickets
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
//! Behind the seam (`backend`) stands `dimpl` for now, with RustCrypto's primitives. What it keeps
//! to itself shows in three places. Key shares and signatures take the operating system's
//! randomness, so a run replays in all but those bytes; our own handshake will take it from
//! [`Crypto`]. Its copies of private keys and traffic secrets are not wiped; ours are. And
//! application data is copied once each way inside it, though the interface is in place.
//!
//! | module | what |
//! |---|---|
//! | `alert`, `suite`, `srtp_profile`, `version` | what registries number: [`Alert`], [`CipherSuite`], [`SrtpProfile`], [`ProtocolVersion`] |
//! | `certificate`, `fingerprint` | [`Certificate`], [`Fingerprint`]: who is who |
//! | `config` | [`Config`], [`Role`], [`Versions`] |
//! | `connection` | [`Connection`]: the machine |
//! | `crypto` | [`Crypto`]: where cryptography comes from |
//! | `discard` | [`Discard`], [`SealError`], [`Counters`] |
//! | `event` | [`Event`], [`State`], [`CloseReason`] |
//! | `keying_material` | [`KeyingMaterial`]: keys for SRTP |
//! | `wire`, `backend` | record headers; the library behind the seam |

extern crate alloc;

mod alert;
mod backend;
mod certificate;
mod config;
mod connection;
mod crypto;
mod discard;
mod event;
mod fingerprint;
mod keying_material;
mod srtp_profile;
mod suite;
mod version;
mod wire;

pub use alert::Alert;
pub use certificate::{Certificate, CertificateError, Validity};
pub use config::{Config, ConfigError, Role, Versions};
pub use connection::Connection;
pub use crypto::{Crypto, Ring};
pub use discard::{Counters, Discard, SealError};
pub use event::{CloseReason, Event, State};
pub use fingerprint::{Fingerprint, FingerprintError, HashFunction};
pub use keying_material::{KeyingMaterial, MasterKey};
pub use srtp_profile::SrtpProfile;
pub use suite::CipherSuite;
pub use version::ProtocolVersion;
