//! Media: transceivers, what they send and receive, and where that is forwarded to.
//!
//! | file | what |
//! |---|---|
//! | `codecs` | payload types of one connection in the words of another |
//! | `forward` | packets that go from a receiver to senders without a task |
//! | `held` | what each handle of a transceiver holds |
//! | `line` | what a connection keeps for a transceiver that has handles |
//! | `receiver` | [`Receiver`] |
//! | `sender` | [`Sender`] |
//! | `transceiver` | [`Transceiver`] |

mod codecs;
mod forward;
mod held;
mod line;
mod receiver;
mod sender;
mod transceiver;

pub(crate) use forward::Errand;
pub(crate) use line::{Line, Lines};
pub use receiver::Receiver;
pub use sender::Sender;
pub use transceiver::Transceiver;
