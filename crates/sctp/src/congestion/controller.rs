//! What every congestion controller is told and asked.

use core::fmt;
use core::time::Duration;

use sansio::Instant;

use super::rate::{RateSample, per_second};

/// A congestion controller. All sizes are bytes of DATA chunks, with headers.
///
/// What was lost and when is decided before it is asked: it only sees the facts.
///
/// ```text
///   packet leaves ─► on_sent           SACK or timer ─► on_packet_lost, for each that is lost
///   T3 expires ────► on_timeout                      ─► on_loss, if it is news of congestion
///   long silence ──► on_idle                         ─► on_ack, if something was acknowledged
/// ```
pub(crate) trait Controller: fmt::Debug + Send {
    /// Bytes that may be in flight. One packet may reach beyond.
    fn window(&self) -> usize;

    /// Bytes a second to send at most. `None`: as fast as the window allows.
    fn pacing_rate(&self) -> Option<u64>;

    /// A packet with DATA went out.
    fn on_sent(&mut self, now: Instant, sent: &SentPacket);

    /// Something was acknowledged.
    fn on_ack(&mut self, now: Instant, ack: &Ack);

    /// A packet, or part of it, is lost.
    fn on_packet_lost(&mut self, now: Instant, lost: &LostPacket);

    /// There is congestion: a packet is lost that was sent after the last time this was called.
    fn on_loss(&mut self, now: Instant, loss: &Loss);

    /// T3 expired: nothing has been heard for an RTO. Nothing counts as in flight any more.
    fn on_timeout(&mut self, now: Instant);

    /// Nothing was sent for an RTO; sending begins again.
    fn on_idle(&mut self, now: Instant);
}

/// A packet as it goes out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SentPacket {
    /// Its bytes.
    pub(crate) bytes: usize,
    /// Bytes in flight, with it.
    pub(crate) flight: usize,
    /// There is, or was shortly before, too little to send.
    pub(crate) app_limited: bool,
}

/// An acknowledgement as a controller sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ack {
    /// Bytes acknowledged for the first time, by cumulative TSN or gap block.
    pub(crate) bytes: usize,
    /// Bytes found lost thereby.
    pub(crate) lost: usize,
    /// Bytes that were in flight before it came.
    pub(crate) flight_before: usize,
    /// Bytes in flight now.
    pub(crate) flight: usize,
    /// Whether the cumulative TSN moved.
    pub(crate) cumulative: bool,
    /// Whether losses of this round trip are being repaired.
    pub(crate) in_recovery: bool,
    /// Whether anything is left in flight or lost.
    pub(crate) all_acked: bool,
    /// The round trip of the newest packet, if it is known.
    pub(crate) rtt: Option<Duration>,
    /// The smoothed round trip, if one was measured.
    pub(crate) smoothed_rtt: Option<Duration>,
    /// How fast the path delivers.
    pub(crate) sample: RateSample,
    /// Bytes delivered so far.
    pub(crate) delivered: u64,
}

impl Ack {
    /// Whether the window was used: what lies idle does not grow. The pacer may hold back a part.
    pub(super) fn uses_window(&self, window: usize, packet: usize) -> bool {
        self.flight_before + packet + window / 8 > window
    }
}

/// The pace, in bytes a second, that sends a window in less than a round trip: half of one in slow
/// start, so that it can double, else four fifths.
pub(super) fn window_rate(window: usize, rtt: Option<Duration>, slow_start: bool) -> Option<u64> {
    let rtt = rtt.filter(|rtt| !rtt.is_zero())?;
    let rate = per_second(window as u64, rtt);
    Some(if slow_start { rate * 2 } else { rate / 4 * 5 })
}

/// A packet that is lost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LostPacket {
    /// Bytes of it that are lost.
    pub(crate) bytes: usize,
    /// Bytes that were in flight when it was sent, with it.
    pub(crate) flight: usize,
    /// Bytes that were lost since then, with it.
    pub(crate) lost: u64,
    /// Bytes delivered so far.
    pub(crate) delivered: u64,
    /// It was sent while there was too little to send.
    pub(crate) app_limited: bool,
}

/// Losses as a controller sees them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Loss {
    /// Bytes in flight without them.
    pub(crate) flight: usize,
    /// Bytes that were in flight before the SACK that told, or the timer.
    pub(crate) flight_before: usize,
}
