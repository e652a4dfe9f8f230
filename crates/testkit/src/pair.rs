//! Two machines joined by two links, in virtual time.

use core::fmt;
use core::time::Duration;

use sansio::{Instant, Machine};

use crate::schedule::Alarm;
use crate::side::Side;
use crate::simulation::Simulation;
use crate::{Direction, Ends, Link, LinkConfig, Schedule, SeededRng, Trace};

/// So many steps without time passing mean that something goes round for ever.
const MAX_STEPS_AT_ONE_TIME: u32 = 200_000;

/// Two machines joined by two links, in virtual time: time jumps from event to event, and a whole
/// run follows from its seed.
///
/// Tests command the machines directly and then let time pass:
///
/// ```text
/// let mut pair = Pair::new(client, server, LinkConfig::delayed(Duration::from_millis(50)), 1);
/// pair.a.connect(pair.now);
/// assert!(pair.run_until(|pair| pair.b.is_connected(), Duration::from_secs(1)));
/// assert_eq!(pair.a_events, [Event::Connected]);
/// ```
///
/// It keeps the shell's side of the contract of [`Machine`] (inputs, then a full drain) and checks
/// the machine's side: after a timeout and a drain, `poll_timeout` must lie in the future.
///
/// A test that panics leaves a capture of the run behind: see [`Trace`].
pub struct Pair<A: Machine, B: Machine> {
    /// The time.
    pub now: Instant,
    /// One machine. What a command makes it send goes out at the beginning of the next step.
    pub a: A,
    /// The other machine.
    pub b: B,
    /// What carries the datagrams of `a`.
    pub a_to_b: Link<A::Path>,
    /// What carries the datagrams of `b`.
    pub b_to_a: Link<B::Path>,
    /// The events of `a`, oldest first, until the test takes them.
    pub a_events: Vec<A::Event>,
    /// The events of `b`, oldest first, until the test takes them.
    pub b_events: Vec<B::Event>,
    /// Why `a` did not use datagrams, oldest first.
    pub a_discards: Vec<A::Discard>,
    /// Why `b` did not use datagrams, oldest first.
    pub b_discards: Vec<B::Discard>,
    /// The datagrams so far.
    pub trace: Trace,
    /// How promptly the machines are served.
    pub schedule: Schedule,
    /// How many damaged copies were used rather than discarded
    /// (see [`Schedule::damaged_copies`]).
    pub damaged_copies_used: u64,
    rng: SeededRng,
    a_alarms: Alarms,
    b_alarms: Alarms,
    buf: Vec<u8>,
    steps_at_this_time: u32,
}

/// When a machine is served next.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Alarms {
    pub(crate) timer: Alarm,
    pub(crate) arrival: Alarm,
}

impl<A, B> Pair<A, B>
where
    A: Machine,
    B: Machine<Path = A::Path>,
    A::Path: Ends,
{
    /// Joins two machines by equal links in both directions. Everything random follows from
    /// `seed`.
    pub fn new(a: A, b: B, config: LinkConfig, seed: u64) -> Self {
        Self::with_links(a, b, [config, config], seed)
    }

    /// Joins two machines by different links: from `a` to `b` and back.
    pub fn with_links(a: A, b: B, [a_to_b, b_to_a]: [LinkConfig; 2], seed: u64) -> Self {
        let mut rng = SeededRng::new(seed);
        Self {
            now: Instant::ZERO,
            a,
            b,
            a_to_b: Link::new(a_to_b, sansio::Rng::next_u64(&mut rng)),
            b_to_a: Link::new(b_to_a, sansio::Rng::next_u64(&mut rng)),
            a_events: Vec::new(),
            b_events: Vec::new(),
            a_discards: Vec::new(),
            b_discards: Vec::new(),
            trace: Trace::new(seed),
            schedule: Schedule::default(),
            damaged_copies_used: 0,
            rng,
            a_alarms: Alarms::default(),
            b_alarms: Alarms::default(),
            buf: Vec::new(),
            steps_at_this_time: 0,
        }
    }

    /// Moves to the next event and serves both machines. False: nothing is pending, and time
    /// stands still.
    pub fn step(&mut self) -> bool {
        let Some(next) = self.next_event() else { return false };
        let mut at = self.now.max(next);
        let spurious = self.rng.chance(self.schedule.spurious);
        if spurious {
            at = self.now + self.rng.up_to(at - self.now);
        }
        self.advance(at);
        self.side_a().serve(spurious);
        self.side_b().serve(spurious);
        true
    }

    /// Lets `duration` pass.
    pub fn run_for(&mut self, duration: Duration) {
        Simulation::run_for(self, duration);
    }

    /// Lets time pass until `condition` holds, which is asked after every step, and says whether
    /// it does: false after `limit` (time has then passed in full), or as soon as nothing is
    /// pending any more.
    pub fn run_until(&mut self, condition: impl FnMut(&mut Self) -> bool, limit: Duration) -> bool {
        Simulation::run_until(self, condition, limit)
    }

    /// Sends what the machines have to send, collects their events, and says when something
    /// happens next.
    pub fn next_event(&mut self) -> Option<Instant> {
        self.side_a().flush();
        self.side_b().flush();
        // What `a` has just sent may be the next arrival of `b`, and the other way round.
        self.side_a().set_alarms();
        let alarms = [self.a_alarms, self.b_alarms];
        alarms.iter().flat_map(|a| [a.timer.rings(), a.arrival.rings()]).flatten().min()
    }

    fn advance(&mut self, at: Instant) {
        self.steps_at_this_time = if at > self.now { 0 } else { self.steps_at_this_time + 1 };
        assert!(
            self.steps_at_this_time < MAX_STEPS_AT_ONE_TIME,
            "{MAX_STEPS_AT_ONE_TIME} steps at {at} without time passing: the machines never rest",
        );
        self.now = at;
    }

    fn side_a(&mut self) -> Side<'_, A> {
        Side {
            now: self.now,
            direction: Direction::AToB,
            machine: &mut self.a,
            events: &mut self.a_events,
            discards: &mut self.a_discards,
            outgoing: &mut self.a_to_b,
            incoming: &mut self.b_to_a,
            alarms: &mut self.a_alarms,
            schedule: self.schedule,
            damaged_copies_used: &mut self.damaged_copies_used,
            trace: &mut self.trace,
            rng: &mut self.rng,
            buf: &mut self.buf,
        }
    }

    fn side_b(&mut self) -> Side<'_, B> {
        Side {
            now: self.now,
            direction: Direction::BToA,
            machine: &mut self.b,
            events: &mut self.b_events,
            discards: &mut self.b_discards,
            outgoing: &mut self.b_to_a,
            incoming: &mut self.a_to_b,
            alarms: &mut self.b_alarms,
            schedule: self.schedule,
            damaged_copies_used: &mut self.damaged_copies_used,
            trace: &mut self.trace,
            rng: &mut self.rng,
            buf: &mut self.buf,
        }
    }
}

impl<A, B> Simulation for Pair<A, B>
where
    A: Machine,
    B: Machine<Path = A::Path>,
    A::Path: Ends,
{
    fn now(&mut self) -> &mut Instant {
        &mut self.now
    }

    fn next_event(&mut self) -> Option<Instant> {
        self.next_event()
    }

    fn step(&mut self) -> bool {
        self.step()
    }
}

impl<A: Machine, B: Machine> fmt::Debug for Pair<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pair")
            .field("now", &self.now)
            .field("a_to_b", &self.a_to_b.counters)
            .field("b_to_a", &self.b_to_a.counters)
            .finish_non_exhaustive()
    }
}
