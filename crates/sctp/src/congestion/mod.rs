//! Congestion control: how much may be in flight.
//!
//! ```text
//!  controller  what every controller is told and asked
//!  new_reno    RFC 9260 §7.2
//!  prr         how a window shrinks, RFC 6937
//!  rate        how fast the path delivers
//! ```

mod controller;
mod new_reno;
mod prr;
mod rate;

pub(crate) use controller::{Ack, Controller, Loss, LostPacket, SentPacket};
pub(crate) use new_reno::NewReno;
pub(crate) use rate::{DeliveryRate, Newest, RateSample, Snapshot};

/// Packets in flight at the start. RFC 9260 §7.2.1 allows about 4; 10 is what TCP (RFC 6928) and
/// browsers do.
const INITIAL_PACKETS: usize = 10;
/// Packets in flight after a loss, at least, RFC 9260 §7.2.3.
const MIN_PACKETS: usize = 4;
