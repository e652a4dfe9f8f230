//! Relays, as an agent is told of them and tells of them.

use core::fmt;
use core::net::SocketAddr;

use sansio::Transport;
use turn::client::{CloseReason, Families};

/// What the shell calls a relay. Two that are told apart by nothing else, such as the addresses of
/// one server, may have one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelayId(pub u32);

/// A TURN server, RFC 8656. Each gives one relayed candidate, or with [`Families::Both`] two.
#[derive(Clone, PartialEq, Eq)]
pub struct RelayServer {
    /// What the shell calls it.
    pub id: RelayId,
    /// Where it listens. When one does not answer, the next is tried. None, over TCP and TLS: the
    /// shell finds it by itself, or leaves that to a proxy which knows names that we do not.
    pub addresses: Vec<SocketAddr>,
    /// How it is spoken to. What it relays is UDP in any case.
    pub transport: Transport,
    /// Over TLS and DTLS: the name that its certificate must have.
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
            .field("id", &self.id)
            .field("addresses", &self.addresses)
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
    /// Over UDP somebody has to say where it is.
    #[error("a relay over UDP without an address")]
    NoAddress,
    /// There are as many as the configuration allows.
    #[error("{0} relays already")]
    TooMany(usize),
    /// The user name has more than 508 bytes (RFC 8489 §14.3).
    #[error("a user name of {0} bytes")]
    Username(usize),
}
