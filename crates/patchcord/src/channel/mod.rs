//! Data channels.
//!
//! | file | what |
//! |---|---|
//! | `handle` | [`DataChannel`] |
//! | `stream` | [`DataStream`]: a channel as `AsyncRead` and `AsyncWrite` |

mod handle;
mod stream;

pub use handle::DataChannel;
pub use stream::DataStream;
