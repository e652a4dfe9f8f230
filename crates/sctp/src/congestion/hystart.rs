//! HyStart++, RFC 9406: slow start ends when the round trip grows, before the queue is full.

use core::time::Duration;

use super::controller::Ack;

/// Bounds of the growth that ends slow start, and what part of the round trip it is.
const MIN_GROWTH: Duration = Duration::from_millis(4);
const MAX_GROWTH: Duration = Duration::from_millis(16);
const GROWTH_DIVISOR: u32 = 8;
/// Samples of a round before it is judged.
const SAMPLES: u32 = 8;
/// Rounds of conservative slow start.
const CONSERVATIVE_ROUNDS: u32 = 5;
/// How much slower the window grows in it.
const CONSERVATIVE_DIVISOR: usize = 4;

/// State of slow start.
#[derive(Debug, Default)]
pub(super) struct HyStart {
    /// A packet sent when so much was delivered ends the round.
    round_end: u64,
    last_min: Option<Duration>,
    current_min: Option<Duration>,
    samples: u32,
    conservative: Option<Conservative>,
}

/// Conservative slow start.
#[derive(Clone, Copy, Debug)]
struct Conservative {
    /// The shortest round trip at its beginning.
    baseline: Duration,
    rounds: u32,
}

/// What to do in slow start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Growth {
    /// The window grows by so many bytes.
    By(usize),
    /// The path is full: congestion avoidance begins.
    Done,
}

impl HyStart {
    /// An acknowledgement in slow start.
    pub(super) fn on_ack(&mut self, ack: &Ack) -> Growth {
        if let Some(rtt) = ack.rtt {
            self.current_min = Some(self.current_min.map_or(rtt, |min| min.min(rtt)));
            self.samples += 1;
        }
        let judged = self.judge();
        if ack.sample.prior_delivered >= self.round_end {
            self.round_end = ack.delivered;
            (self.last_min, self.current_min) = (self.current_min, None);
            self.samples = 0;
            if let Some(conservative) = &mut self.conservative {
                conservative.rounds += 1;
                if conservative.rounds >= CONSERVATIVE_ROUNDS {
                    return Growth::Done;
                }
            }
        }
        let divisor = if judged { CONSERVATIVE_DIVISOR } else { 1 };
        Growth::By(ack.bytes / divisor)
    }

    /// Whether slow start is conservative.
    fn judge(&mut self) -> bool {
        let (Some(last), Some(current)) = (self.last_min, self.current_min) else {
            return self.conservative.is_some();
        };
        if self.samples >= SAMPLES {
            match self.conservative {
                None => {
                    let growth = (last / GROWTH_DIVISOR).clamp(MIN_GROWTH, MAX_GROWTH);
                    if current >= last + growth {
                        self.conservative = Some(Conservative { baseline: current, rounds: 0 });
                    }
                }
                // It was no queue after all.
                Some(Conservative { baseline, .. }) if current < baseline => {
                    self.conservative = None;
                }
                Some(_) => {}
            }
        }
        self.conservative.is_some()
    }
}
