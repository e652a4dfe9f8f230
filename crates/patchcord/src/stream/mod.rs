//! Datagrams over TCP, TLS and DTLS, to TURN servers and to peers, if need be through a proxy.
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
//! | `connect` | [`connect()`]: TCP, through a proxy or not, then TLS or not; or DTLS |
//! | `datagrams` | [`DatagramStream`]: datagrams in both directions, whatever carries them |
//! | `dtls` | datagrams over DTLS, each in a record |
//! | `error` | [`ConnectError`] |
//! | `framed` | datagrams over a stream |
//! | `framing` | [`Framing`]: where a datagram ends |
//! | `http_connect` | the method CONNECT of HTTP |
//! | `proxy` | [`Proxy`]: which one, and who we are there |
//! | `queue` | bytes that the system has not taken yet |
//! | `race` | TCP to whichever address of a host answers first |
//! | `socks5` | RFC 1928, RFC 1929 |
//! | `trust` | [`Trust`]: whom TLS and DTLS trust |
//! | `wire` | TCP or TLS |

mod connect;
mod datagrams;
mod dtls;
mod error;
mod framed;
mod framing;
mod http_connect;
mod proxy;
mod queue;
mod race;
mod socks5;
mod trust;
mod wire;

pub(crate) use connect::connect_from;
pub use connect::{Carrier, Target, connect};
pub use datagrams::DatagramStream;
pub use error::{ConnectError, DtlsCloseReason, ProxyError};
pub use framing::{Framing, FramingError};
pub use proxy::{Proxy, ProxyProtocol, ProxyUrlError};
pub use trust::Trust;

/// Bytes that are read at a time: what the system coalesces at most.
const CHUNK: usize = 64 << 10;
