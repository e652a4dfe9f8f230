//! Media: transceivers, and the RTP that they send and receive.

mod codec;
mod engine;
mod error;
mod kind;
mod packet;
mod parameters;
mod transceiver;

pub use codec::{Codec, Feedback};
pub(crate) use engine::Media;
pub use error::{RtpSendError, TransceiverError};
pub use kind::MediaKind;
pub use packet::RtpPacket;
pub(crate) use parameters::{LocalSource, Parameters, RemoteSource};
pub use transceiver::{Transceiver, TransceiverId, TransceiverInit};
