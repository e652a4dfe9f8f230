//! Relays, as an agent is told of them and tells of them.

use core::fmt;
use core::net::SocketAddr;

use sansio::Transport;
use turn::client::{CloseReason, Families};

/// A TURN server, RFC 8656, at one of its addresses. Each gives one relayed candidate, or with
/// [`Families::Both`] two.
#[derive(Clone, PartialEq, Eq)]
pub struct RelayServer {
    /// Where it listens.
    pub address: SocketAddr,
    /// How it is spoken to. What it relays is UDP in any case.
    pub transport: Transport,
    /// Over TLS: the name that its certificate must have.
    pub server_name: Option<Box<str>>,
    /// Whose allocation it will be.
    pub username: Box<str>,
    /// The password that goes with it.
    pub password: Box<str>,
    /// Which relayed addresses are asked for.
    pub families: Families,
}

impl fmt::Debug for RelayServer {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelayServer")
            .field("address", &self.address)
            .field("transport", &self.transport)
            .field("server_name", &self.server_name)
            .field("username", &self.username)
            .field("families", &self.families)
            .finish_non_exhaustive()
    }
}

/// Why a relay is of no use, or not any more.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RelayError {
    /// Its socket could not be opened, or connected.
    #[error("no connection to the relay")]
    Unreachable,
    /// There is no allocation, for the reason that `turn` gives.
    #[error(transparent)]
    Allocation(#[from] CloseReason),
}

/// Why a relay is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddRelayError {
    /// There are as many as the configuration allows.
    #[error("{0} relays already")]
    TooMany(usize),
    /// The user name has more than 508 bytes (RFC 8489 §14.3).
    #[error("a user name of {0} bytes")]
    Username(usize),
}
