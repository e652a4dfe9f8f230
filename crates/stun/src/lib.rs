//! STUN: messages and their attributes, read without copying and written without allocating;
//! message integrity and fingerprint; both sides of long-term credentials; the retransmissions of a
//! client; a binding server; discovery of NAT behaviour; framing on streams. No socket, no clock.
//!
//! - [x] RFC 8489 STUN, but for what is listed below
//! - [x] RFC 5389 STUN, its wire format
//! - [x] RFC 5769 test vectors
//! - [x] RFC 8445 §16.1 the attributes of ICE
//! - [x] draft-hancke-webrtc-sped-00 its two attributes, numbered as libwebrtc does
//! - [x] RFC 8489 §9.2 long-term credentials: SHA-256 integrity, USERHASH, password algorithms, nonces
//!   that keep both from being taken away
//! - [x] RFC 8489 §6.2.2, RFC 8656 §12.5 framing on TCP and TLS
//! - [ ] RFC 8265 preparation of names and passwords that are not ASCII
//! - [ ] RFC 8489 §8 discovery by DNS, RFC 7064 URIs
//! - [x] RFC 5780 discovery of NAT behaviour: the client, and a server without RESPONSE-PORT
//!
//! ```
//! use core::time::Duration;
//! use patchcord_stun::attribute::{Priority, Username, XorMappedAddress};
//! use patchcord_stun::{
//!     IntegrityKey, Message, MessageBuilder, Method, Schedule, Transaction, TransactionId,
//! };
//!
//! let key = IntegrityKey::short_term("VOkJxbRl1RmTxUk/WvJxBt");
//! let (now, id) = (sansio::Instant::ZERO, TransactionId::from([7; 12]));
//! let mut transaction = Transaction::new(now, id, Schedule::default());
//!
//! // One side asks,
//! let mut request = Vec::new();
//! if transaction.poll_transmit(now) {
//!     MessageBuilder::request(&mut request, Method::BINDING, transaction.id())
//!         .attribute(&Username::new("evtj:h6vY")?)
//!         .attribute(&Priority(0x6e00_01ff))
//!         .integrity(&key)
//!         .fingerprint();
//! }
//!
//! // the other answers,
//! let source = "192.0.2.1:32853".parse()?;
//! let message = Message::parse(&request)?;
//! message.check_integrity(&key)?;
//! assert_eq!(message.get::<Username>()?.map(|name| name.as_str()), Some("evtj:h6vY"));
//! let mut response = Vec::new();
//! MessageBuilder::success(&mut response, &message)
//!     .attribute(&XorMappedAddress(source))
//!     .integrity(&key)
//!     .fingerprint();
//!
//! // and the first one learns its address, and how far away the other is.
//! let now = now + Duration::from_millis(30);
//! let message = Message::parse(&response)?;
//! assert_eq!(message.transaction_id(), transaction.id());
//! message.check_integrity(&key)?;
//! assert_eq!(message.get::<XorMappedAddress>()?, Some(XorMappedAddress(source)));
//! assert_eq!(transaction.round_trip(now), Some(Duration::from_millis(30)));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`attribute`] | attributes, one file each |
//! | `builder` | [`MessageBuilder`]: a message at the end of the caller's buffer |
//! | [`behavior`] | [`behavior::Discovery`]: how a NAT maps and filters; [`behavior::Server`] |
//! | `hmac` | HMAC with the states of the key kept |
//! | `key` | [`IntegrityKey`]: short-term and long-term credentials |
//! | `kind` | [`Class`], [`Method`], [`TransactionId`] |
//! | [`long_term`] | long-term credentials: [`long_term::Client`], [`long_term::Server`] |
//! | `message` | [`Message`]: a message as it lies in a datagram; [`is_stun`] |
//! | [`server`] | a binding server |
//! | [`stream`] | [`stream::Deframer`]: messages on TCP and TLS; [`stream::Unread`], which it is made with |
//! | `transaction` | [`Transaction`]: when a request is sent again |

pub mod attribute;
pub mod behavior;
mod builder;
mod hmac;
mod key;
mod kind;
pub mod long_term;
mod message;
pub mod server;
pub mod stream;
mod transaction;

pub use attribute::{Attribute, AttributeError, AttributeType, ErrorCode};
pub use builder::{MessageBuilder, SealedMessage};
pub use key::IntegrityKey;
pub use kind::{Class, Method, TransactionId};
pub use message::{CheckError, Message, ParseError, is_stun};
pub use transaction::{Schedule, Transaction};
