//! Two hosts with an agent each, what is dead or translated on the way, and the signalling.

use core::net::SocketAddr;
use core::ops::{Deref, DerefMut};
use core::time::Duration;

use patchcord_ice::{Agent, Candidate, Checksum, Config, Credentials, Discard, Event, Role, State};
use sansio::{Datagram, Instant, Machine, Path, Transmit};
use stun::attribute::UseCandidate;
use stun::{Class, Message};
use testkit::{Direction, Entry, LinkConfig, Pair, SeededRng};

pub(crate) type Hosts = Pair<Host, Host>;

/// What signalling carries.
pub(crate) type Description = (Credentials, Vec<Candidate>);

pub(crate) const A: &str = "192.0.2.1:5000";
pub(crate) const B: &str = "198.51.100.1:6000";

/// An agent, and what surrounds it: addresses that are dead, perhaps a NAT.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) agent: Agent,
    /// Nothing goes to or from these addresses, ours or theirs.
    pub(crate) dead: Vec<SocketAddr>,
    /// Translates our address, and lets in only what comes from where something has gone to.
    pub(crate) nat: Option<Nat>,
    /// What rode in messages, all of it acknowledged.
    pub(crate) embedded: Vec<Vec<u8>>,
}

#[derive(Clone, Debug)]
pub(crate) struct Nat {
    pub(crate) inside: SocketAddr,
    pub(crate) outside: SocketAddr,
    pub(crate) open_to: Vec<SocketAddr>,
}

impl Machine for Host {
    type Path = Path;
    type Event = Event;
    type Discard = Discard;

    fn handle_input(&mut self, now: Instant, mut input: Datagram<'_, Path>) -> Result<(), Discard> {
        if let Some(nat) = &self.nat {
            if input.path.local != nat.outside || !nat.open_to.contains(&input.path.remote) {
                return Ok(());
            }
            input.path.local = nat.inside;
        }
        if self.dead.contains(&input.path.local) || self.dead.contains(&input.path.remote) {
            return Ok(());
        }
        if let Some(stun) = self.agent.unwrap(now, input)? {
            self.agent.handle_input(now, stun)?;
        }
        while let Some(datagram) = self.agent.poll_embedded() {
            self.agent.acknowledge(Checksum::of(&datagram));
            self.embedded.push(datagram);
        }
        Ok(())
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.agent.handle_timeout(now);
    }

    fn poll_transmit(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit<Path>> {
        let mut transmit = self.agent.poll_transmit(now, buf)?;
        if let Some(nat) = &mut self.nat {
            assert_eq!(transmit.path.local, nat.inside);
            transmit.path.local = nat.outside;
            nat.open_to.push(transmit.path.remote);
        }
        Some(transmit)
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.agent.poll_event()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.agent.poll_timeout()
    }
}

impl Deref for Host {
    type Target = Agent;
    fn deref(&self) -> &Agent {
        &self.agent
    }
}

impl DerefMut for Host {
    fn deref_mut(&mut self) -> &mut Agent {
        &mut self.agent
    }
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

pub(crate) fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// A host whose agent has these addresses and has said that there are no more.
pub(crate) fn host(config: Config, seed: u64, role: Role, addresses: &[&str]) -> Host {
    let mut agent = Agent::new(config, Box::new(SeededRng::new(seed)));
    agent.set_role(Instant::ZERO, role);
    for text in addresses {
        agent.add_local_candidate(Instant::ZERO, address(text)).unwrap();
    }
    agent.end_of_local_candidates(Instant::ZERO);
    Host { agent, dead: Vec::new(), nat: None, embedded: Vec::new() }
}

/// The controlling `a` and the controlled `b`, each with these addresses, not signalled yet.
pub(crate) fn scene_with(
    config: Config,
    link: LinkConfig,
    seed: u64,
    a: &[&str],
    b: &[&str],
) -> Hosts {
    let a = host(config, 2 * seed, Role::Controlling, a);
    let b = host(config, 2 * seed + 1, Role::Controlled, b);
    Pair::new(a, b, link, seed)
}

pub(crate) fn scene(link: LinkConfig, seed: u64, a: &[&str], b: &[&str]) -> Hosts {
    scene_with(Config::default(), link, seed, a, b)
}

/// One address each.
pub(crate) fn simple_scene(link: LinkConfig, seed: u64) -> Hosts {
    scene(link, seed, &[A], &[B])
}

/// One address each, signalled and connected over a perfect link of 50 ms.
pub(crate) fn connected_scene(seed: u64) -> Hosts {
    let mut pair = simple_scene(LinkConfig::delayed(ms(50)), seed);
    signal(&mut pair);
    assert!(pair.run_until(completed, ms(1000)));
    pair.run_for(ms(100));
    pair
}

/// Brings a whole description to an agent.
pub(crate) fn describe(agent: &mut Agent, now: Instant, (credentials, candidates): Description) {
    agent.set_remote_credentials(now, credentials);
    for candidate in candidates {
        agent.add_remote_candidate(now, candidate);
    }
    agent.end_of_remote_candidates(now);
}

/// Signals both descriptions at once.
pub(crate) fn signal(pair: &mut Hosts) {
    let (of_a, of_b) = (pair.a.signalled(), pair.b.signalled());
    describe(&mut pair.a, pair.now, of_b);
    describe(&mut pair.b, pair.now, of_a);
}

pub(crate) fn completed(pair: &mut Hosts) -> bool {
    pair.a.state() == State::Completed && pair.b.state() == State::Completed
}

/// Whether both have nominated pairs, and data goes along them.
pub(crate) fn agree(pair: &Hosts) -> bool {
    let (Some(a), Some(b)) = (pair.a.selected_pair(), pair.b.selected_pair()) else {
        return false;
    };
    let outside = |host: &Host, path: Path| match &host.nat {
        Some(nat) => Path { local: nat.outside, ..path },
        None => path,
    };
    pair.a.route().map(|route| route.path) == Some(a.path)
        && pair.b.route().map(|route| route.path) == Some(b.path)
        && outside(&pair.a, a.path) == outside(&pair.b, b.path).reversed()
}

/// The states that an agent has gone through.
pub(crate) fn states(events: &[Event]) -> Vec<State> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::StateChanged(state) => Some(*state),
            _ => None,
        })
        .collect()
}

/// The datagrams so far, one a line: `50 b check`.
pub(crate) fn ladder(pair: &Hosts) -> Vec<String> {
    let line = |entry: &Entry| {
        let message = Message::parse(&entry.data).unwrap();
        let what = match message.class() {
            Class::Request if message.get::<UseCandidate>().unwrap().is_some() => "nomination",
            Class::Request => "check",
            Class::Indication => "indication",
            Class::SuccessResponse => "response",
            Class::ErrorResponse => "refusal",
        };
        let from = if entry.direction == Direction::AToB { 'a' } else { 'b' };
        format!("{} {from} {what}", entry.time.as_nanos() / 1_000_000)
    };
    pair.trace.entries().map(line).collect()
}
