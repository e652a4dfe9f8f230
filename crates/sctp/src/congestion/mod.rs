//! Congestion control: how much may be in flight, and how fast it is sent.
//!
//! ```text
//!  controller  what every controller is told and asked
//!  new_reno    RFC 9260 §7.2
//!  cubic       RFC 9438                     hystart  when slow start ends, RFC 9406
//!  bbr         draft-ietf-ccwg-bbr          prr      how a window shrinks, RFC 6937
//!  rate        how fast the path delivers   pacer    packets leave at a rate
//! ```

mod bbr;
mod controller;
mod cubic;
mod hystart;
mod new_reno;
mod pacer;
mod prr;
mod rate;
#[cfg(test)]
mod tests;

pub(crate) use bbr::Bbr;
pub(crate) use controller::{Ack, Controller, Loss, LostPacket, SentPacket};
pub(crate) use cubic::Cubic;
pub(crate) use new_reno::NewReno;
pub(crate) use pacer::{Pace, Pacer};
pub(crate) use rate::{DeliveryRate, Newest, RateSample, Snapshot};

/// Packets in flight at the start. RFC 9260 §7.2.1 allows about 4; 10 is what TCP (RFC 6928) and
/// browsers do.
const INITIAL_PACKETS: usize = 10;
/// Packets in flight after a loss, at least, RFC 9260 §7.2.3.
const MIN_PACKETS: usize = 4;
