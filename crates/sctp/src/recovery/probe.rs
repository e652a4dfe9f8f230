//! The tail loss probe, RFC 8985 §7: when nothing is heard for two round trips, something goes out
//! that will be acknowledged, long before the retransmission timeout.

use core::time::Duration;

use crate::outgoing::Position;

/// How long an acknowledgement of a lone packet may be delayed (TLP.max_ack_delay), RFC 9260 §6.2.
const ACK_DELAY: Duration = Duration::from_millis(200);

/// State of the probe.
#[derive(Debug, Default)]
pub(crate) struct Probe {
    /// A packet may go out whatever the congestion window.
    pub(crate) due: bool,
    out: Option<Out>,
}

/// A probe that is not answered.
#[derive(Clone, Copy, Debug)]
struct Out {
    /// One past the last chunk sent.
    end: Position,
    /// It was sent before.
    again: bool,
}

/// What a SACK says of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Probed {
    /// Nothing.
    Nothing,
    /// The probe repaired a loss.
    Repaired,
}

impl Probe {
    /// How long to wait for an answer, RFC 8985 §7.2. `alone`: one packet is in flight.
    pub(crate) fn timeout(smoothed: Duration, alone: bool) -> Duration {
        smoothed * 2 + if alone { ACK_DELAY } else { Duration::ZERO }
    }

    /// Whether one is under way.
    pub(crate) fn is_out(&self) -> bool {
        self.due || self.out.is_some()
    }

    /// It went out; `again`: it was sent before.
    pub(crate) fn sent(&mut self, end: Position, again: bool) {
        self.due = false;
        self.out = Some(Out { end, again });
    }

    /// A SACK acknowledges all before `acked`, and reports duplicates or not (RFC 8985 §7.4).
    pub(crate) fn acked(&mut self, acked: Position, duplicates: bool) -> Probed {
        let Some(out) = self.out else { return Probed::Nothing };
        if acked < out.end {
            return Probed::Nothing;
        }
        if !out.again || duplicates {
            // It was new, or it arrived twice: nothing was lost.
            self.out = None;
        } else if acked > out.end {
            // Later chunks are acknowledged, and nobody speaks of a duplicate.
            self.out = None;
            return Probed::Repaired;
        }
        Probed::Nothing
    }

    /// Losses are known by other means.
    pub(crate) fn cancel(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_sent_twice_repaired_a_loss_unless_it_arrived_twice() {
        // Again, acknowledged up to, duplicates; what it says, whether it is answered.
        let cases = [
            (true, 9, false, Probed::Nothing, false),
            (true, 10, true, Probed::Nothing, true),
            (true, 10, false, Probed::Nothing, false),
            (true, 11, true, Probed::Nothing, true),
            (true, 11, false, Probed::Repaired, true),
            (false, 10, false, Probed::Nothing, true),
            (false, 11, false, Probed::Nothing, true),
        ];
        for (again, acked, duplicates, expected, answered) in cases {
            let mut probe = Probe::default();
            probe.sent(10, again);
            assert_eq!(probe.acked(acked, duplicates), expected, "{again} {acked} {duplicates}");
            assert_eq!(probe.is_out(), !answered, "{again} {acked} {duplicates}");
        }
    }
}
