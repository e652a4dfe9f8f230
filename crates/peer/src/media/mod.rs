//! Media: transceivers, and the RTP that they send and receive.

mod codec;
mod engine;
mod error;
mod kind;
mod packet;
mod parameters;
mod transceiver;

pub use codec::{Codec, Feedback, HeaderExtensions};
pub(crate) use codec::{Numbers, answered, carries_media, default_codecs, static_payload_type};
pub use engine::MediaDiscard;
#[cfg(fuzzing)]
pub use engine::MediaMachine;
pub(crate) use engine::{Limits, Media};
pub use error::{RtpSendError, TransceiverError};
pub use kind::MediaKind;
pub use packet::RtpPacket;
pub(crate) use parameters::{LocalSource, Parameters, RemoteSource};
pub(crate) use transceiver::Record;
pub use transceiver::{Transceiver, TransceiverId, TransceiverInit};
