//! Hosts, routers and wires, in virtual time.

use core::fmt;
use core::net::IpAddr;
use core::ops::{Index, IndexMut};
use core::time::Duration;

use sansio::{Instant, Rng};

use super::address::ip;
use super::node::{Interface, Node, Place, Resident, Role, Station};
use super::router::Router;
use super::stream::Streams;
use super::wires::Retry;
use super::{Firewall, Host, Nat, StunServer, TurnServer};
use crate::simulation::Simulation;
use crate::{Link, LinkConfig, SeededRng, Trace};

/// So many steps without time passing mean that something goes round for ever.
const MAX_STEPS_AT_ONE_TIME: u32 = 200_000;

/// Hosts behind routers, in virtual time: a tree whose root is the middle of the internet. Whole
/// runs follow from their seed.
///
/// A packet climbs until a router knows its address inside, and descends to it. Private addresses
/// are known where they are attached only.
pub struct Internet<H> {
    /// The time.
    pub now: Instant,
    /// What hosts have sent (`->`) and received (`<-`), and what was dropped on the way, each with
    /// the addresses that it had there. Segments of streams are shown as datagrams.
    pub trace: Trace,
    pub(super) nodes: Vec<Node<H>>,
    pub(super) retries: Vec<Retry>,
    pub(super) rng: SeededRng,
    pub(super) buf: Vec<u8>,
    steps_at_this_time: u32,
}

impl<H: Host> Internet<H> {
    /// The middle, and nothing around it. Everything random follows from `seed`.
    pub fn new(seed: u64) -> Self {
        let mut internet = Self {
            now: Instant::ZERO,
            trace: Trace::new(seed),
            nodes: Vec::new(),
            retries: Vec::new(),
            rng: SeededRng::new(seed),
            buf: Vec::new(),
            steps_at_this_time: 0,
        };
        internet.attach(Place::CORE, Duration::ZERO, Role::Router(Router::Plain));
        internet
    }

    /// A network `delay` away from where it is attached.
    pub fn network(&mut self, at: Place, delay: Duration) -> Place {
        self.attach(at, delay, Role::Router(Router::Plain))
    }

    /// A network behind a NAT.
    pub fn nat(&mut self, at: Place, delay: Duration, mut nat: Nat) -> Place {
        nat.seed(self.rng.next_u64());
        self.attach(at, delay, Role::Router(Router::Nat(nat)))
    }

    /// A network behind a firewall.
    pub fn firewall(&mut self, at: Place, delay: Duration, firewall: Firewall) -> Place {
        self.attach(at, delay, Role::Router(Router::Firewall(firewall)))
    }

    /// A host with these addresses.
    #[track_caller]
    pub fn host(&mut self, at: Place, delay: Duration, addresses: &[&str], host: H) -> Place {
        let addresses = addresses.iter().map(|text| ip(text)).collect();
        self.settle(at, delay, addresses, Resident::Guest(host))
    }

    /// Another interface of a host, in the same network or in another, with addresses of its own.
    #[track_caller]
    pub fn interface(
        &mut self,
        host: Place,
        at: Place,
        delay: Duration,
        addresses: &[&str],
    ) -> Place {
        let addresses = addresses.iter().map(|text| ip(text)).collect();
        self.attach(at, delay, Role::Interface(Interface { host, addresses }))
    }

    /// A STUN server.
    pub fn stun_server(&mut self, at: Place, delay: Duration, server: StunServer) -> Place {
        self.settle(at, delay, server.addresses(), Resident::Stun(server))
    }

    /// A TURN server, which is a STUN server too.
    pub fn turn_server(&mut self, at: Place, delay: Duration, server: TurnServer) -> Place {
        self.settle(at, delay, server.addresses(), Resident::Turn(Box::new(server)))
    }

    /// Gives a host, or one of its interfaces, other addresses, perhaps none. Streams of those that
    /// are gone end in silence.
    #[track_caller]
    pub fn readdress(&mut self, place: Place, addresses: &[&str]) {
        let addresses = addresses.iter().map(|text| ip(text)).collect();
        match &mut self.nodes[place.0].role {
            Role::Host(station) => station.addresses = addresses,
            Role::Interface(interface) => interface.addresses = addresses,
            Role::Router(_) => unreachable!("{place:?} is no host"),
        }
    }

    /// Plugs a place in elsewhere, with all that is behind it.
    pub fn move_to(&mut self, place: Place, at: Place) {
        self.nodes[place.0].parent = at;
    }

    /// The wire from a place towards the middle; it may be changed at any time.
    pub fn up(&mut self, place: Place) -> &mut LinkConfig {
        &mut self.nodes[place.0].up.config
    }

    /// The wire from the middle towards a place.
    pub fn down(&mut self, place: Place) -> &mut LinkConfig {
        &mut self.nodes[place.0].down.config
    }

    /// The NAT at this place.
    #[track_caller]
    pub fn nat_at(&mut self, place: Place) -> &mut Nat {
        match &mut self.nodes[place.0].role {
            Role::Router(Router::Nat(nat)) => nat,
            _ => unreachable!("{place:?} is no NAT"),
        }
    }

    /// The TURN server at this place.
    #[track_caller]
    pub fn turn_at(&mut self, place: Place) -> &mut TurnServer {
        match &mut self.station(place).resident {
            Resident::Turn(server) => server,
            _ => unreachable!("{place:?} is no TURN server"),
        }
    }

    /// Moves to the next event and serves everybody. False: nothing is pending, and time stands
    /// still.
    pub fn step(&mut self) -> bool {
        let Some(next) = self.next_event() else { return false };
        let at = self.now.max(next);
        self.steps_at_this_time = if at > self.now { 0 } else { self.steps_at_this_time + 1 };
        assert!(
            self.steps_at_this_time < MAX_STEPS_AT_ONE_TIME,
            "{MAX_STEPS_AT_ONE_TIME} steps at {at} without time passing: somebody never rests",
        );
        self.now = at;
        self.carry();
        self.call_timers();
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

    /// Sends what hosts have to send, and says when something happens next.
    pub fn next_event(&mut self) -> Option<Instant> {
        for place in 0..self.nodes.len() {
            self.flush(Place(place));
        }
        let wires = self.nodes.iter().flat_map(|node| [&node.up, &node.down]);
        let arrivals = wires.filter_map(sansio::Machine::poll_timeout);
        let timers = self.nodes.iter().filter_map(|node| match &node.role {
            Role::Host(station) => {
                let timers = [station.resident.poll_timeout(), station.streams.poll_timeout()];
                timers.into_iter().flatten().min()
            }
            Role::Router(_) | Role::Interface(_) => None,
        });
        let retries = self.retries.iter().map(|retry| retry.at);
        arrivals.chain(timers).chain(retries).min()
    }

    #[track_caller]
    pub(super) fn station(&mut self, place: Place) -> &mut Station<H> {
        match &mut self.nodes[place.0].role {
            Role::Host(station) => station,
            Role::Router(_) | Role::Interface(_) => unreachable!("{place:?} is no host"),
        }
    }

    fn settle(
        &mut self,
        at: Place,
        delay: Duration,
        addresses: Vec<IpAddr>,
        resident: Resident<H>,
    ) -> Place {
        let station = Station { addresses, resident, streams: Streams::default() };
        self.attach(at, delay, Role::Host(station))
    }

    fn attach(&mut self, parent: Place, delay: Duration, role: Role<H>) -> Place {
        let config = LinkConfig::delayed(delay);
        let [up, down] = [0; 2].map(|_: u8| Link::new(config, self.rng.next_u64()));
        self.nodes.push(Node { parent, up, down, role });
        Place(self.nodes.len() - 1)
    }
}

impl<H: Host> Simulation for Internet<H> {
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

impl<H> Index<Place> for Internet<H> {
    type Output = H;

    #[track_caller]
    fn index(&self, place: Place) -> &H {
        match &self.nodes[place.0].role {
            Role::Host(Station { resident: Resident::Guest(host), .. }) => host,
            _ => unreachable!("{place:?} is no host of the test"),
        }
    }
}

impl<H> IndexMut<Place> for Internet<H> {
    #[track_caller]
    fn index_mut(&mut self, place: Place) -> &mut H {
        match &mut self.nodes[place.0].role {
            Role::Host(Station { resident: Resident::Guest(host), .. }) => host,
            _ => unreachable!("{place:?} is no host of the test"),
        }
    }
}

impl<H> fmt::Debug for Internet<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Internet")
            .field("now", &self.now)
            .field("places", &self.nodes.len())
            .finish_non_exhaustive()
    }
}
