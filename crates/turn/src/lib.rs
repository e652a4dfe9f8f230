//! TURN: a client that has an address on a relay and exchanges datagrams through it, and the relay.
//! No socket, no clock.
//!
//! - [x] RFC 8656 TURN, client and server: IPv4 and IPv6, permissions, channels, EVEN-PORT,
//!   RESERVATION-TOKEN, over UDP, TCP and TLS
//! - [x] RFC 8489 §9.2 long-term credentials by `patchcord-stun`; time-limited ones
//!   (draft-uberti-behave-turn-rest), which may change in mid call
//! - [x] RFC 8489 §10 ALTERNATE-SERVER: the client
//! - [x] RFC 6062 TCP to and from peers: the client, the server
//! - [x] RFC 8016 mobility
//! - [x] RFC 5780 how a NAT behaves: the server tells, by `patchcord-stun`
//! - [x] RFC 8656 §7.2, §11.2 DONT-FRAGMENT: a client asks for it datagram by datagram, the server
//!   tells its shell, or refuses if that cannot
//! - [x] RFC 8656 §11.5 ICMP: the client reports it, the server tells what its shell has heard
//! - [ ] RFC 7350 DTLS to the server; RFC 8155 discovery, RFC 7065 URIs; RFC 7635 third parties
//!
//! ```
//! use patchcord_turn::client::{self, Client, Event};
//! use patchcord_turn::server::{self, RelayAddress, Server, StaticUsers};
//! use sansio::{Datagram, Instant, Machine, Path};
//! # use testkit::SeededRng;
//!
//! let (now, address) = (Instant::ZERO, "192.0.2.1:3478".parse()?);
//! let mut users = StaticUsers::new("example.org");
//! users.add("alice", "wonderland");
//! let config = server::Config {
//!     realm: "example.org".into(),
//!     relays: vec![RelayAddress::new("192.0.2.1".parse()?)],
//!     ..server::Config::default()
//! };
//! let mut server = Server::new(config, Box::new(users), Box::new(SeededRng::new(1)))?;
//!
//! let path = Path::udp("203.0.113.7:5000".parse()?, address);
//! let (user, rng) = (("alice", "wonderland"), Box::new(SeededRng::new(2)));
//! let mut client = Client::new(now, path, client::Config::default(), user, rng)?;
//! let peer = "198.51.100.2:7000".parse()?;
//! client.bind(peer)?;
//!
//! // Datagrams go back and forth until there is nothing left to say.
//! let mut buf = Vec::new();
//! while client.poll_transmit(now, &mut buf).is_some() {
//!     let mut answers = Vec::new();
//!     // What takes its time, because a socket has to be opened, is polled later.
//!     let _ = server.forward(now, Datagram::new(path.reversed(), now, &mut buf), &mut answers);
//!     while let Some(event) = server.poll_event() {
//!         if let server::Event::OpenRelay(relay) = event {
//!             server.handle_opened(now, relay); // The shell binds it.
//!         }
//!     }
//!     server.poll_transmit(now, &mut answers);
//!     client.handle_input(now, Datagram::new(path, now, &mut answers))?;
//!     buf.clear();
//! }
//! assert_eq!(client.poll_event(), Some(Event::Allocated));
//! assert!(client.is_bound(peer));
//!
//! // Data is wrapped where it lies: four bytes of head room.
//! let way = client.way(peer).ok_or("no way")?;
//! let mut packet = vec![0; way.head()];
//! packet.extend_from_slice(b"hello");
//! client.wrap(way, &mut packet, 0)?;
//! let mut out = Vec::new();
//! let relayed = server.forward(now, Datagram::new(path.reversed(), now, &mut packet), &mut out)?;
//! assert_eq!((relayed.map(|it| it.path.remote), &out[..]), (Some(peer), &b"hello"[..]));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`attribute`] | the attributes of TURN, one file each |
//! | [`channel_data`] | four bytes in front of a payload |
//! | [`client`] | [`Client`]: one allocation on a server |
//! | `family` | [`AddressFamily`] |
//! | [`server`] | [`Server`]: allocations, and what belongs to them |

pub mod attribute;
pub mod channel_data;
pub mod client;
mod family;
pub mod server;

pub use client::Client;
pub use family::AddressFamily;
pub use server::Server;
