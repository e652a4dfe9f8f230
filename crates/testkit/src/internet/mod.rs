//! A simulated internet: hosts behind routers, NATs and firewalls, with STUN and TURN servers, in
//! virtual time.
//!
//! ```
//! use core::time::Duration;
//! use patchcord_testkit::internet::{Firewall, Host, Internet, Nat, Place, StunServer, TurnServer};
//! use stun::behavior::Dependence;
//! # use sansio::{Datagram, Instant, Path, Transmit};
//! # struct Laptop;
//! # impl Host for Laptop {
//! #     fn handle_input(&mut self, _: Instant, _: Datagram<'_, Path>) {}
//! #     fn handle_timeout(&mut self, _: Instant) {}
//! #     fn poll_transmit(&mut self, _: Instant, _: &mut Vec<u8>) -> Option<Transmit<Path>> { None }
//! #     fn poll_timeout(&self) -> Option<Instant> { None }
//! # }
//!
//! //                  ┌ 20 ms ─ home NAT 203.0.113.1 ─ 5 ms ─ laptop 192.168.1.2
//! //  STUN, TURN ── core
//! //                  └ 10 ms ─ firewall ─ 1 ms ─ desktop 198.51.100.7
//! let ms = Duration::from_millis;
//! let mut net = Internet::new(1);
//! net.stun_server(Place::CORE, ms(0), StunServer::new("192.0.2.1", "192.0.2.2"));
//! net.turn_server(Place::CORE, ms(0), TurnServer::new(&["192.0.2.3"], 2));
//! let home = Nat::new(
//!     "203.0.113.1",
//!     Dependence::EndpointIndependent,
//!     Dependence::AddressAndPortDependent,
//! );
//! let home = net.nat(Place::CORE, ms(20), home);
//! let laptop = net.host(home, ms(5), &["192.168.1.2"], Laptop);
//! let office = net.firewall(Place::CORE, ms(10), Firewall::tcp_443_only());
//! let desktop = net.host(office, ms(1), &["198.51.100.7"], Laptop);
//! net.run_for(ms(1000));
//! # let _ = (laptop, desktop);
//! ```
//!
//! | type | what |
//! |---|---|
//! | [`Internet`], [`Place`] | the places, the wires between them, and time |
//! | [`Host`], [`StreamRequest`], [`StreamNews`] | what lives at the edge |
//! | [`Nat`] | translation of addresses (RFC 4787), NAT64 (RFC 6146) |
//! | [`Firewall`], [`Ports`] | what does not pass |
//! | [`StunServer`], [`TurnServer`] | our own machines, with a shell |
//!
//! A carrier-grade NAT is a NAT behind which NATs are attached. A host that roams is
//! [moved](Internet::move_to) or [readdressed](Internet::readdress), or has several
//! [interfaces](Internet::interface).

mod address;
mod contacts;
mod firewall;
mod host;
mod nat;
mod net;
mod node;
mod packet;
mod router;
mod stream;
mod stun_server;
mod turn_server;
mod wires;

pub use firewall::{Firewall, Ports};
pub use host::{Host, StreamNews, StreamRequest};
pub use nat::Nat;
pub use net::Internet;
pub use node::Place;
pub use stun_server::StunServer;
pub use turn_server::TurnServer;
