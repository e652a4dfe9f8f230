//! Servers as an application names them.

use core::fmt;

use sansio::Transport;
use thiserror::Error;

use super::url::{Kind, Url, UrlError};

/// A STUN or TURN server, and who we are there (W3C webrtc-pc §4.2.4, `RTCIceServer`).
///
/// ```
/// use patchcord::IceServer;
///
/// let stun = IceServer::stun("stun:stun.example.org");
/// let turn = IceServer::turn("turns:turn.example.org:443", "alice", "wonderland");
/// assert!(stun.check().is_ok() && turn.check().is_ok());
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct IceServer {
    /// Its URIs (RFC 7064, RFC 7065): `stun:`, `turn:` or `turns:`, a host, and if they are not what
    /// is usual, `:port` and `?transport=tcp`, or for
    /// DTLS `turns:` with `?transport=udp`. (`stuns:` is understood, but not asked: what it
    /// could tell is where a TCP connection is seen.)
    pub urls: Vec<String>,
    /// Our name on a TURN server.
    pub username: String,
    /// The password that goes with it.
    pub credential: String,
}

impl fmt::Debug for IceServer {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("IceServer");
        shown.field("urls", &self.urls).field("username", &self.username).finish_non_exhaustive()
    }
}

/// Why a server cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IceServerError {
    /// It has no URI.
    #[error("an ICE server without a URI")]
    NoUrl,
    /// One is not understood.
    #[error("{url:?} is no URI of an ICE server: {error}")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        error: UrlError,
    },
    /// A TURN server without a name or a password.
    #[error("{url} needs a user name and a credential")]
    NoCredentials {
        /// The server.
        url: String,
    },
    /// A name of more than 508 bytes (RFC 8489 §14.3).
    #[error("a user name of {0} bytes, more than 508")]
    Username(usize),
}

impl IceServer {
    /// A STUN server.
    pub fn stun(url: impl Into<String>) -> Self {
        Self { urls: vec![url.into()], ..Self::default() }
    }

    /// A TURN server.
    pub fn turn(
        url: impl Into<String>,
        username: impl Into<String>,
        credential: impl Into<String>,
    ) -> Self {
        Self { urls: vec![url.into()], username: username.into(), credential: credential.into() }
    }

    /// Whether it can be used, as far as that can be said without asking anybody.
    ///
    /// # Errors
    ///
    /// A URI is not understood, or a TURN server lacks credentials.
    pub fn check(&self) -> Result<(), IceServerError> {
        self.servers().map(|_| ())
    }

    /// One for each URI.
    fn servers(&self) -> Result<Vec<Server>, IceServerError> {
        /// RFC 8489 §14.3: less than 509 bytes.
        const MAX_USERNAME: usize = 508;
        if self.urls.is_empty() {
            return Err(IceServerError::NoUrl);
        }
        let server = |text: &String| {
            let url: Url =
                text.parse().map_err(|error| IceServerError::Url { url: text.clone(), error })?;
            if url.kind == Kind::Turn {
                if self.username.is_empty() || self.credential.is_empty() {
                    return Err(IceServerError::NoCredentials { url: text.clone() });
                }
                if self.username.len() > MAX_USERNAME {
                    return Err(IceServerError::Username(self.username.len()));
                }
            }
            let (username, credential) = (&*self.username, &*self.credential);
            Ok(Server {
                text: text.as_str().into(),
                url,
                username: username.into(),
                credential: credential.into(),
            })
        };
        self.urls.iter().map(server).collect()
    }
}

/// One URI of a server, understood.
#[derive(Clone)]
pub(crate) struct Server {
    /// As it was written, for messages.
    pub(crate) text: Box<str>,
    pub(crate) url: Url,
    pub(crate) username: Box<str>,
    pub(crate) credential: Box<str>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Server {
    /// All servers of a configuration.
    pub(crate) fn all(configured: &[IceServer]) -> Result<Vec<Self>, IceServerError> {
        let lists: Result<Vec<_>, _> = configured.iter().map(IceServer::servers).collect();
        Ok(lists?.into_iter().flatten().collect())
    }

    /// Whether it is asked where our UDP sockets are seen.
    pub(crate) fn tells_addresses(&self) -> bool {
        self.url.kind == Kind::Stun && self.url.transport == Transport::Udp
    }

    /// Whether it relays.
    pub(crate) fn relays(&self) -> bool {
        self.url.kind == Kind::Turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_used_is_refused() {
        let url = |text: &str| text.to_owned();
        let table = [
            (IceServer::default(), IceServerError::NoUrl),
            (
                IceServer::stun("stun.example.org"),
                IceServerError::Url { url: url("stun.example.org"), error: UrlError::Scheme },
            ),
            (
                IceServer::turn("turn:a", "", "x"),
                IceServerError::NoCredentials { url: url("turn:a") },
            ),
            (
                IceServer::turn("turn:a", "x", ""),
                IceServerError::NoCredentials { url: url("turn:a") },
            ),
            (IceServer::turn("turn:a", "x".repeat(509), "y"), IceServerError::Username(509)),
        ];
        for (server, expected) in table {
            assert_eq!(server.check(), Err(expected), "{server:?}");
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let server = IceServer::turn("turn:a", "alice", "wonderland");
        let servers = Server::all(core::slice::from_ref(&server)).unwrap();
        for shown in [format!("{server:?}"), format!("{servers:?}")] {
            assert!(!shown.contains("wonderland") && shown.contains("turn:a"), "{shown}");
        }
    }
}
