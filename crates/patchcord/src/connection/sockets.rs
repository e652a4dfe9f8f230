//! What a connection wants of the driver beyond datagrams.

use peer::{SocketId, SocketRequest};

/// A socket of a connection's own.
#[derive(Clone, Debug)]
pub(crate) enum SocketChange {
    /// To be opened.
    Wanted(SocketRequest),
    /// To be closed.
    Released(SocketId),
}
