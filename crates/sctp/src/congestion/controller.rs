//! What every congestion controller is told and asked.

use core::fmt;

use sansio::Instant;

/// A congestion controller. All sizes are bytes of DATA chunks, with headers.
///
/// What was lost and when is decided before it is asked: it only sees the facts.
pub(crate) trait Controller: fmt::Debug + Send {
    /// Bytes that may be in flight. One packet may reach beyond.
    fn window(&self) -> usize;

    /// Something was acknowledged.
    fn on_ack(&mut self, now: Instant, ack: &Ack);

    /// Chunks are lost that were sent in one round trip: not called again until what was in flight
    /// then is acknowledged or lost. `flight` is what is in flight without them.
    fn on_loss(&mut self, now: Instant, flight: usize);

    /// T3 expired: nothing has been heard for an RTO.
    fn on_timeout(&mut self, now: Instant);

    /// Nothing was sent for an RTO; sending begins again.
    fn on_idle(&mut self, now: Instant);
}

/// An acknowledgement as a controller sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ack {
    /// Bytes acknowledged for the first time, by cumulative TSN or gap block.
    pub(crate) bytes: usize,
    /// Bytes that were in flight before it came.
    pub(crate) flight_before: usize,
    /// Whether the cumulative TSN moved.
    pub(crate) cumulative: bool,
    /// Whether losses of this round trip are being repaired.
    pub(crate) in_recovery: bool,
    /// Whether anything is left in flight or lost.
    pub(crate) all_acked: bool,
}
