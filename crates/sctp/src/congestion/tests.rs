//! What the tests of controllers share.

use core::time::Duration;

use super::{Ack, Loss, RateSample};

/// An acknowledgement of `bytes` after `rtt` ms, of a flight that used the window up.
pub(super) fn packets_acked(bytes: usize, flight_before: usize, rtt: u64) -> Ack {
    let rtt = Duration::from_millis(rtt);
    Ack {
        bytes,
        lost: 0,
        flight_before,
        flight: flight_before.saturating_sub(bytes),
        cumulative: true,
        in_recovery: false,
        all_acked: false,
        rtt: Some(rtt),
        smoothed_rtt: Some(rtt),
        sample: RateSample {
            rate: None,
            delivered: bytes as u64,
            prior_delivered: 0,
            lost: 0,
            app_limited: false,
            flight: flight_before,
        },
        delivered: bytes as u64,
    }
}

/// Losses in a flight.
pub(super) fn loss(flight_before: usize, flight: usize) -> Loss {
    Loss { flight, flight_before }
}
