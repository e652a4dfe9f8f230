//! The timers of an association.

use sansio::Instant;

/// What a timer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timer {
    /// T1: INIT or COOKIE ECHO is sent again, RFC 9260 §5.1.
    Init,
    /// T2: SHUTDOWN or SHUTDOWN ACK is sent again, RFC 9260 §9.2.
    Shutdown,
    /// T3: DATA is sent again, RFC 9260 §6.3.
    Retransmit,
    /// What was sent is lost if nothing is heard of it, RFC 8985 §6.
    Reorder,
    /// A probe goes out, RFC 8985 §7.
    Probe,
    /// Pacing lets the next packet out.
    Pace,
    /// T5: the shutdown takes too long, RFC 9260 §9.2.
    ShutdownGuard,
    /// An acknowledgement has waited long enough, RFC 9260 §6.2.
    Ack,
    /// The path is probed, RFC 9260 §8.3.
    Heartbeat,
    /// RE-CONFIG is sent again, RFC 6525 §5.1.1.
    ReConfig,
    /// A probe of the path's MTU was not answered, RFC 8899 §5.1.1 PROBE_TIMER; or the search is
    /// over and begins again, PMTU_RAISE_TIMER.
    PathMtu,
}

impl Timer {
    const ALL: [Self; 11] = [
        Self::Init,
        Self::Shutdown,
        Self::Retransmit,
        Self::Reorder,
        Self::Probe,
        Self::Pace,
        Self::ShutdownGuard,
        Self::Ack,
        Self::Heartbeat,
        Self::ReConfig,
        Self::PathMtu,
    ];
}

/// When each is due.
#[derive(Debug, Default)]
pub(super) struct Timers {
    due: [Option<Instant>; Timer::ALL.len()],
}

impl Timers {
    pub(super) fn set(&mut self, timer: Timer, at: Instant) {
        self.due[timer as usize] = Some(at);
    }

    pub(super) fn stop(&mut self, timer: Timer) {
        self.due[timer as usize] = None;
    }

    pub(super) fn stop_all(&mut self) {
        self.due = Default::default();
    }

    /// When it is due.
    pub(super) fn at(&self, timer: Timer) -> Option<Instant> {
        self.due[timer as usize]
    }

    pub(super) fn is_running(&self, timer: Timer) -> bool {
        self.due[timer as usize].is_some()
    }

    /// The first that is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.due.iter().flatten().min().copied()
    }

    /// Stops one that is due and returns it.
    pub(super) fn expire(&mut self, now: Instant) -> Option<Timer> {
        let due = |t: &Timer| self.due[*t as usize].is_some_and(|at| at <= now);
        let timer = Timer::ALL.into_iter().find(due)?;
        self.stop(timer);
        Some(timer)
    }
}
