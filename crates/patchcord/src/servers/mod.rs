//! STUN and TURN servers: how an application names them, and where they are.
//!
//! | file | what |
//! |---|---|
//! | `ice_server` | [`IceServer`], as the W3C has it |
//! | `resolve` | [`Resolver`]: names to addresses |
//! | `url` | one URI of RFC 7064 or RFC 7065 |

mod ice_server;
mod resolve;
mod url;

pub(crate) use ice_server::Server;
pub use ice_server::{IceServer, IceServerError};
pub use resolve::Resolver;
pub(crate) use resolve::{STAGGER, by_family, in_turns};
pub use url::{Host, Kind, Url, UrlError};
