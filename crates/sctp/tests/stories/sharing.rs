//! Two flows on one path: a flow with the default controller beside a CUBIC flow, which is what
//! TCP is.

use core::net::SocketAddr;
use core::time::Duration;

use bytes::Bytes;
use patchcord_sctp::{
    Association, Config, CongestionControl, Discard, Event, SendOptions, StreamId,
};
use sansio::{Datagram, Instant, Machine, Transmit};
use testkit::{Direction, Ends, LinkConfig, Pair};

use crate::support::{association, ms, payload, read_all};

/// Which of two flows a packet is of.
#[derive(Clone, Copy, Debug)]
struct Flow(usize);

impl Ends for Flow {
    fn arriving(self) -> Self {
        self
    }

    fn addresses(self, direction: Direction) -> (SocketAddr, SocketAddr) {
        ().addresses(direction)
    }
}

/// A host with one end of each flow.
struct Host {
    flows: [Association; 2],
    /// Whose packet goes out next.
    turn: usize,
}

impl Host {
    fn new(controllers: [CongestionControl; 2], seed: u64) -> Self {
        let flow = |n: usize| {
            let config = Config { congestion_control: controllers[n], ..Config::default() };
            association(config, seed + n as u64)
        };
        Self { flows: [flow(0), flow(1)], turn: 0 }
    }
}

impl Machine for Host {
    type Path = Flow;
    type Event = Event;
    type Discard = Discard;

    fn handle_input(&mut self, now: Instant, input: Datagram<'_, Flow>) -> Result<(), Discard> {
        let Datagram { path, ecn, received, data } = input;
        self.flows[path.0].handle_input(now, Datagram { path: (), ecn, received, data })
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.flows.iter_mut().for_each(|flow| flow.handle_timeout(now));
    }

    fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Flow>> {
        for flow in [self.turn, 1 - self.turn] {
            if let Some(Transmit { ecn, len, .. }) = self.flows[flow].poll_transmit(now, buf) {
                self.turn = 1 - flow;
                return Some(Transmit { ecn, ..Transmit::new(Flow(flow), len) });
            }
        }
        None
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.flows.iter_mut().find_map(Machine::poll_event)
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.flows.iter().filter_map(Machine::poll_timeout).min()
    }
}

/// The part of what arrives in 30 s that is the first flow's.
fn share(controllers: [CongestionControl; 2], rtt: Duration, seed: u64) -> f64 {
    // 10 Mbit/s, and a queue of one bandwidth-delay product.
    let rate = 10_000_000;
    let queue = (rate as f64 / 8.0 * rtt.as_secs_f64()) as usize;
    let link = LinkConfig { rate: Some(rate), queue: Some(queue), ..LinkConfig::delayed(rtt / 2) };
    let hosts = [1, 3].map(|n| Host::new(controllers, 10 * seed + n));
    let [mut a, b] = hosts;
    a.flows.iter_mut().for_each(|flow| flow.connect(Instant::ZERO));
    let mut pair = Pair::new(a, b, link, seed);
    pair.trace.capacity = 0;
    let (message, mut received): (Bytes, _) = (payload(1, 16 << 10), [0; 2]);
    pair.run_until(
        |p| {
            for (n, received) in received.iter_mut().enumerate() {
                let options = SendOptions::default();
                while p.a.flows[n].send(p.now, StreamId(1), message.clone(), options).is_ok() {}
                *received += read_all(p.now, &mut p.b.flows[n]).len();
            }
            p.a_events.clear();
            p.b_events.clear();
            false
        },
        Duration::from_secs(30),
    );
    f64::from(received[0] as u32) / f64::from((received[0] + received[1]) as u32)
}

#[test]
fn the_default_flow_and_a_cubic_flow_share_a_path() {
    for rtt in [ms(20), ms(100)] {
        for seed in 1..=5 {
            let controllers = [CongestionControl::default(), CongestionControl::Cubic];
            let share = share(controllers, rtt, seed);
            assert!((0.35..=0.65).contains(&share), "{rtt:?}, seed {seed}: {share}");
        }
    }
}

#[test]
fn flows_of_one_kind_share_a_path() {
    for controller in [CongestionControl::Bbr, CongestionControl::Cubic] {
        let share = share([controller; 2], ms(20), 1);
        assert!((0.35..=0.65).contains(&share), "{controller:?}: {share}");
    }
}
