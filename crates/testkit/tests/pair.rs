//! Stories of two small machines that ping and echo.

use core::convert::Infallible;
use core::net::SocketAddr;
use core::time::Duration;

use patchcord_testkit::{LinkConfig, Pair, Schedule, SeededRng, contract};
use sansio::{Datagram, Instant, Machine, Path, Rng, Transmit};

const MS: Duration = Duration::from_millis(1);

/// Sends `count` numbered pings along `path`, one every 100 ms, and notes the echoes.
struct Ping<P> {
    path: P,
    count: u8,
    next: u8,
    due: Option<Instant>,
    echoes: Vec<(Instant, u8)>,
    event: Option<u8>,
    rng: Box<dyn Rng>,
}

impl<P> Ping<P> {
    fn new(path: P, count: u8) -> Self {
        let (echoes, rng) = (Vec::new(), SeededRng::boxed(9));
        Self { path, count, next: 0, due: None, echoes, event: None, rng }
    }

    fn start(&mut self, now: Instant) {
        self.due = Some(now);
    }
}

impl<P: Copy + PartialEq + core::fmt::Debug> Machine for Ping<P> {
    type Path = P;
    type Event = u8;
    type Discard = Infallible;

    fn handle_input(&mut self, now: Instant, input: Datagram<'_, P>) -> Result<(), Infallible> {
        assert_eq!(input.path, self.path);
        self.echoes.push((input.received, input.data[0]));
        self.event = Some(input.data[0]);
        assert!(input.received <= now);
        Ok(())
    }

    fn handle_timeout(&mut self, _: Instant) {}

    fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<P>> {
        if self.due? > now {
            return None;
        }
        buf.extend([self.next, self.rng.next_u32() as u8]);
        self.next += 1;
        self.due = (self.next < self.count).then(|| now + 100 * MS);
        Some(Transmit::new(self.path, 2))
    }

    fn poll_event(&mut self) -> Option<u8> {
        self.event.take()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.due
    }
}

/// Returns every datagram the way it came.
struct Echo<P> {
    pending: Vec<(P, Vec<u8>)>,
    inputs_before_a_drain: usize,
}

impl<P> Echo<P> {
    fn new() -> Self {
        Self { pending: Vec::new(), inputs_before_a_drain: 0 }
    }
}

impl<P: Copy> Machine for Echo<P> {
    type Path = P;
    type Event = ();
    type Discard = Infallible;

    fn handle_input(&mut self, _: Instant, input: Datagram<'_, P>) -> Result<(), Infallible> {
        self.pending.push((input.path, input.data.to_vec()));
        self.inputs_before_a_drain = self.inputs_before_a_drain.max(self.pending.len());
        Ok(())
    }

    fn handle_timeout(&mut self, _: Instant) {}

    fn poll_transmit(&mut self, _: Instant, buf: &mut Vec<u8>) -> Option<Transmit<P>> {
        if self.pending.is_empty() {
            return None;
        }
        let (path, bytes) = self.pending.remove(0);
        buf.extend(&bytes);
        Some(Transmit::new(path, bytes.len()))
    }

    fn poll_event(&mut self) -> Option<()> {
        None
    }

    fn poll_timeout(&self) -> Option<Instant> {
        None
    }
}

fn pair(count: u8, config: LinkConfig) -> Pair<Ping<()>, Echo<()>> {
    Pair::new(Ping::new((), count), Echo::new(), config, 1)
}

fn ladder<A: Machine, B: Machine>(pair: &Pair<A, B>) -> Vec<String> {
    let name = |bytes: &[u8]| format!("{}", bytes[0]);
    pair.trace.ladder(name).lines().map(String::from).collect()
}

#[test]
fn tells_a_ladder_with_exact_times() {
    let mut pair = pair(2, LinkConfig::delayed(30 * MS));
    pair.b_to_a.drop_next(1);
    pair.a.start(pair.now);
    pair.run_for(Duration::from_secs(1));
    assert_eq!(pair.now, Instant::from_millis(1000));
    assert_eq!(
        ladder(&pair),
        ["0.000000 a -> b 0", "0.030000 a <- b 0 (lost)", "0.100000 a -> b 1", "0.130000 a <- b 1"]
    );
    assert_eq!(pair.a.echoes, [(Instant::from_millis(160), 1)]);
    assert_eq!(pair.a_events, [1]);
    assert!(!pair.step(), "nothing is pending");
}

#[test]
fn paths_are_seen_from_both_ends() {
    let addr = |s: &str| -> SocketAddr { s.parse().unwrap() };
    let path = Path::udp(addr("192.0.2.1:5000"), addr("192.0.2.2:6000"));
    let mut pair = Pair::new(Ping::new(path, 1), Echo::new(), LinkConfig::default(), 1);
    pair.a.start(pair.now);
    pair.run_for(MS);
    assert_eq!(pair.a.echoes.len(), 1);
    let entries: Vec<_> = pair.trace.entries().map(|entry| entry.addresses).collect();
    assert_eq!(entries, [(path.local, path.remote), (path.remote, path.local)]);
}

#[test]
fn run_until_stops_at_the_condition_or_the_limit() {
    let mut pair = pair(200, LinkConfig::delayed(30 * MS));
    pair.a.start(pair.now);
    assert!(pair.run_until(|pair| pair.a.echoes.len() == 3, Duration::from_secs(1)));
    assert_eq!(pair.now, Instant::from_millis(260));
    assert!(!pair.run_until(|pair| pair.a.echoes.len() == 200, Duration::from_secs(1)));
    assert_eq!(pair.now, Instant::from_millis(1260));
    assert!(pair.run_until(|pair| pair.a.echoes.len() == 200, Duration::from_secs(60)));
    assert!(!pair.run_until(|_| false, Duration::from_secs(60)));
    assert_eq!(pair.now, Instant::from_millis(19_960), "time stands still once nothing is pending");
}

#[test]
fn a_late_shell_is_late_and_batches() {
    let run = |late_inputs| {
        let mut pair = pair(200, LinkConfig { duplicate: 1.0, ..LinkConfig::delayed(30 * MS) });
        pair.schedule = Schedule { late_inputs, ..Schedule::default() };
        pair.a.start(pair.now);
        pair.run_for(Duration::from_secs(30));
        (pair.a.echoes.len(), pair.b.inputs_before_a_drain, pair.now)
    };
    assert_eq!(run(Duration::ZERO), (800, 2, Instant::from_millis(30_000)));
    let (echoes, batch, _) = run(250 * MS);
    assert!(echoes == 800 && batch >= 4, "{batch}");

    let mut pair = pair(100, LinkConfig::default());
    pair.schedule.late_timers = 50 * MS;
    pair.a.start(pair.now);
    assert!(pair.run_until(|pair| pair.a.echoes.len() == 100, Duration::from_secs(60)));
    let late = (pair.now - Instant::ZERO).saturating_sub(9_900 * MS);
    assert!(late.abs_diff(2500 * MS) < 600 * MS, "{late:?}"); // 100 times 25 ms on average
}

#[test]
fn the_run_follows_from_the_seed() {
    let config = LinkConfig {
        loss: 0.2,
        duplicate: 0.2,
        reorder: 0.2,
        jitter: 50 * MS,
        ..LinkConfig::delayed(30 * MS)
    };
    let run = |seed| {
        let mut pair = Pair::new(Ping::new((), 100), Echo::new(), config, seed);
        pair.schedule = Schedule::sloppy();
        pair.a.start(pair.now);
        pair.run_for(Duration::from_secs(60));
        (ladder(&pair), pair.a_events.clone(), pair.b_to_a.counters)
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn the_trace_forgets_the_oldest() {
    let mut pair = pair(50, LinkConfig::default());
    pair.trace.capacity = 20;
    pair.a.start(pair.now);
    pair.run_for(Duration::from_secs(60));
    assert_eq!((pair.trace.entries().len(), pair.trace.forgotten()), (10, 90));
    assert_eq!(ladder(&pair)[0], "4.500000 a -> b 45");
}

#[test]
fn well_behaved_machines_keep_the_contract() {
    let build = || pair(20, LinkConfig { loss: 0.1, ..LinkConfig::delayed(30 * MS) });
    let script = |pair: &mut Pair<Ping<()>, Echo<()>>| {
        pair.a.start(pair.now);
        pair.run_for(Duration::from_secs(5));
    };
    contract::replays(build, script);
    contract::spurious_timeouts_change_nothing(build, script);
}

/// A machine with a fault to find.
enum Faulty {
    /// Is always due.
    Spins,
    /// Claims to have sent one byte more than it has.
    Miscounts(bool),
    /// Counts the calls of `handle_timeout` and sends the count.
    Counts(u8, Instant),
    /// Answers whatever comes, even damaged.
    Believes(bool),
}

impl Machine for Faulty {
    type Path = ();
    type Event = ();
    type Discard = Infallible;

    fn handle_input(&mut self, _: Instant, _: Datagram<'_, ()>) -> Result<(), Infallible> {
        if let Self::Believes(answer) = self {
            *answer = true;
        }
        Ok(())
    }

    fn handle_timeout(&mut self, _: Instant) {
        if let Self::Counts(calls, _) = self {
            *calls += 1;
        }
    }

    fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<()>> {
        let sent = |len| Some(Transmit::new((), len));
        match self {
            Self::Miscounts(due @ true) => {
                *due = false;
                sent(1)
            }
            Self::Counts(calls, due) if *due <= now => {
                *due = now + 100 * MS;
                buf.push(*calls);
                sent(1)
            }
            Self::Believes(answer @ true) => {
                *answer = false;
                buf.push(1);
                sent(1)
            }
            _ => None,
        }
    }

    fn poll_event(&mut self) -> Option<()> {
        None
    }

    fn poll_timeout(&self) -> Option<Instant> {
        match self {
            Self::Spins => Some(Instant::ZERO),
            Self::Counts(_, due) => Some(*due),
            _ => None,
        }
    }
}

fn faulty(machine: Faulty) -> Pair<Faulty, Echo<()>> {
    Pair::new(machine, Echo::new(), LinkConfig::default(), 1)
}

#[test]
#[should_panic(expected = "a shell would spin")]
fn a_machine_that_spins_is_caught() {
    faulty(Faulty::Spins).run_for(MS);
}

#[test]
#[should_panic(expected = "Transmit::len is wrong")]
fn a_wrong_length_is_caught() {
    faulty(Faulty::Miscounts(true)).run_for(MS);
}

#[test]
#[should_panic(expected = "a spurious handle_timeout changed the run")]
fn a_machine_that_minds_spurious_calls_is_caught() {
    contract::spurious_timeouts_change_nothing(
        || faulty(Faulty::Counts(0, Instant::ZERO)),
        |pair| pair.run_for(Duration::from_secs(2)),
    );
}

#[test]
#[should_panic(expected = "damaged copies were used")]
fn a_machine_that_uses_damaged_datagrams_is_caught() {
    contract::damaged_copies_change_nothing(
        || Pair::new(Faulty::Believes(true), Ping::new((), 3), LinkConfig::default(), 1),
        |pair| {
            pair.b.start(pair.now);
            pair.run_for(Duration::from_secs(2));
        },
    );
}

#[test]
#[should_panic(expected = "without time passing")]
fn machines_that_never_rest_are_caught() {
    let mut pair = Pair::new(Echo::new(), Echo::new(), LinkConfig::default(), 1);
    pair.trace.capacity = 0;
    pair.a.pending.push(((), vec![1]));
    pair.run_for(MS);
}
