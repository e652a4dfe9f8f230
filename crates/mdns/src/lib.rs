//! Multicast DNS for ICE: browsers put names such as `2e5a…-….local` where the private addresses of
//! their candidates would stand, and whoever is on the same link asks for the address behind it.
//! [`Mdns`] asks for the names of others and answers for ours; it knows names of this form and
//! addresses, and nothing else of DNS.
//!
//! - [x] draft-ietf-mmusic-mdns-ice-candidates-03: names made, told, taken back, resolved
//! - [x] RFC 6762 §5.2, §5.4 questions: repeated after 1, 2 and 4 s; one for unicast goes before
//! - [x] RFC 6762 §6 responses: once a second at most, known answers, what is not there (NSEC)
//! - [x] RFC 6762 §6.7 legacy unicast: who asks from a port of his own
//! - [x] RFC 6762 §8.3 announcements, §10.1 goodbye, §10 cache
//! - [ ] RFC 6762 §8.1 probing: a random name is nobody else's, and the draft says not to
//! - [ ] RFC 6762 §7.2 known answers in several datagrams: a name has one address
//!
//! One host offers a name, another asks for it:
//!
//! ```
//! use patchcord_mdns::{Config, Event, Mdns, Name, group};
//! use sansio::{Datagram, Instant, Machine, Path};
//! # use testkit::SeededRng;
//!
//! let now = Instant::ZERO;
//! let (here, there) = ("192.0.2.1:5353".parse()?, "192.0.2.2:5353".parse()?);
//! let mut a = Mdns::new(Config::default());
//! let mut b = Mdns::new(Config::default());
//! a.set_links(now, &[here]);
//! b.set_links(now, &[there]);
//! let name = Name::random(&mut SeededRng::new(1));
//! a.offer(now, name, "192.0.2.1".parse()?)?;
//! b.resolve(now, name)?;
//!
//! // b's question goes to the group of its link, which a has joined; a's answer likewise.
//! let mut buf = Vec::new();
//! let asked = b.poll_transmit(now, &mut buf).ok_or("no question")?;
//! assert_eq!(asked.path, Path::udp(there, group(there)));
//! a.handle_input(now, Datagram::new(Path::udp(here, there), now, &mut buf))?;
//! buf.clear();
//! a.poll_transmit(now, &mut buf).ok_or("no answer")?;
//! b.handle_input(now, Datagram::new(Path::udp(there, here), now, &mut buf))?;
//! assert_eq!(b.poll_event(), Some(Event::Resolved(name, vec!["192.0.2.1".parse()?])));
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! | module | what |
//! |---|---|
//! | `machine` | [`Mdns`], and its procedures one file each |
//! | `name` | [`Name`]: a UUID under `.local` |
//! | `message`, `writer` | what of DNS's messages concerns us, read and written |
//! | `config` | [`Config`]: bounds |

mod config;
mod machine;
mod message;
mod name;
mod writer;

pub use config::Config;
pub use machine::{Discard, Event, Mdns, OfferError, PORT, ResolveError, group};
pub use message::ParseError;
pub use name::{Name, NameError};
