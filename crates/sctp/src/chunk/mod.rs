//! The chunks of RFC 9260 §3.3, RFC 3758 §3.2, RFC 4820 §3, RFC 6525 §3.1 and RFC 8260 §2.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

mod abort;
mod any;
mod cookie_ack;
mod cookie_echo;
mod data;
mod error;
mod forward_tsn;
mod heartbeat;
mod heartbeat_ack;
mod i_data;
mod i_forward_tsn;
mod init;
mod init_ack;
mod pad;
mod re_config;
mod sack;
mod shutdown;
mod shutdown_ack;
mod shutdown_complete;
mod unknown;

pub use abort::Abort;
pub use any::{Chunk, Chunks};
pub use cookie_ack::CookieAck;
pub use cookie_echo::CookieEcho;
pub use data::Data;
pub use error::Error;
pub use forward_tsn::{ForwardTsn, Skipped};
pub use heartbeat::Heartbeat;
pub use heartbeat_ack::HeartbeatAck;
pub use i_data::{IData, Part};
pub use i_forward_tsn::{IForwardTsn, SkippedMessage};
pub use init::Init;
pub use init_ack::InitAck;
pub use pad::Pad;
pub use re_config::ReConfig;
pub use sack::{GapBlock, Sack};
pub use shutdown::Shutdown;
pub use shutdown_ack::ShutdownAck;
pub use shutdown_complete::ShutdownComplete;
pub use unknown::Unknown;
