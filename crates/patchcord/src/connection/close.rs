//! Why a connection is over.

use std::io;
use std::sync::Arc;

use thiserror::Error;

/// Why a connection is over.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum CloseReason {
    /// One of the two sides closed it, or DTLS failed.
    #[error("{0}")]
    Connection(peer::CloseReason),
    /// The endpoint's socket can no longer be read.
    #[error("the endpoint's socket failed: {0}")]
    Socket(Arc<io::Error>),
    /// A call into the connection has panicked: a defect of ours, or of what the application lent it.
    /// It is gone without a farewell; other connections go on. (Where panics abort, all is gone.)
    #[error("a call into the connection panicked")]
    Panicked,
    /// The tokio runtime that drove the endpoint is gone.
    #[error("the endpoint's runtime is gone")]
    Runtime,
}
