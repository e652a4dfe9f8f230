//! STUN: messages and their attributes, read without copying and written without allocating;
//! message integrity and fingerprint; the retransmissions of a client; a binding server. No socket,
//! no clock.
//!
//! - [x] RFC 8489 STUN, but for what is listed below
//! - [x] RFC 5389 STUN, its wire format
//! - [x] RFC 5769 test vectors
//! - [x] RFC 8445 §16.1 the attributes of ICE
//! - [ ] RFC 8489 §9.2, §14.4, §14.6, §14.11, §14.12: MESSAGE-INTEGRITY-SHA256, USERHASH,
//!   password algorithms, the long-term credential mechanism as a whole
//! - [ ] RFC 8489 §8 discovery by DNS, RFC 7064 URIs
//! - [ ] RFC 5780 discovery of NAT behaviour
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
//! | `key` | [`IntegrityKey`]: short-term and long-term credentials |
//! | `kind` | [`Class`], [`Method`], [`TransactionId`] |
//! | `message` | [`Message`]: a message as it lies in a datagram; [`is_stun`] |
//! | [`server`] | a binding server |
//! | `transaction` | [`Transaction`]: when a request is sent again |

pub mod attribute;
mod builder;
mod key;
mod kind;
mod message;
pub mod server;
mod transaction;

pub use attribute::{Attribute, AttributeError, AttributeType, ErrorCode};
pub use builder::{MessageBuilder, SealedMessage};
pub use key::IntegrityKey;
pub use kind::{Class, Method, TransactionId};
pub use message::{CheckError, Message, ParseError, is_stun};
pub use transaction::{Schedule, Transaction};
