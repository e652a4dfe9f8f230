//! Datagrams over TCP and TLS, to TURN servers and to peers, if need be through a proxy.
//!
//! [`connect()`] gives a [`DatagramStream`]: what is sent on it arrives as the datagrams that it was.
//! An [`Endpoint`](crate::Endpoint) does all this by itself; here it is for programs that talk to a
//! server without one, as a test of a network does.
//!
//! ```no_run
//! use patchcord::stream::{Target, connect};
//!
//! # async fn ask(request: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
//! let target = Target::new("192.0.2.1:5349".parse()?).over_tls("turn.example.org");
//! let mut stream = connect(&target).await?;
//! stream.send(request).await?; // a STUN message
//! while let Some(message) = stream.recv().await? {
//!     println!("{} bytes", message.len());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! | file | what |
//! |---|---|
//! | `connect` | [`connect()`]: TCP, through a proxy or not, then TLS or not |
//! | `datagrams` | [`DatagramStream`]: datagrams in both directions |
//! | `error` | [`ConnectError`] |
//! | `framing` | [`Framing`]: where a datagram ends |
//! | `http_connect` | the method CONNECT of HTTP |
//! | `proxy` | [`Proxy`]: which one, and who we are there |
//! | `queue` | bytes that the system has not taken yet |
//! | `race` | TCP to whichever address of a host answers first |
//! | `socks5` | RFC 1928, RFC 1929 |
//! | `tls` | whom TLS trusts |
//! | `wire` | TCP or TLS |

mod connect;
mod datagrams;
mod error;
mod framing;
mod http_connect;
mod proxy;
mod queue;
mod race;
mod socks5;
mod tls;
mod wire;

pub use connect::{Target, connect};
pub use datagrams::DatagramStream;
pub use error::{ConnectError, ProxyError};
pub use framing::{Framing, FramingError};
pub use proxy::{Proxy, ProxyProtocol, ProxyUrlError};
