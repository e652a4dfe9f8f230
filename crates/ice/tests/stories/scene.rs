//! Two agents, their addresses, and the signalling between them.

use core::time::Duration;

use patchcord_ice::{Agent, Candidate, Config, Credentials, Event, Role, State};
use sansio::Instant;
use stun::attribute::UseCandidate;
use stun::{Class, Message};
use testkit::{Direction, Entry, LinkConfig, Pair, SeededRng};

pub(crate) type Agents = Pair<Agent, Agent>;

/// What signalling carries.
pub(crate) type Description = (Credentials, Vec<Candidate>);

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn at(millis: u64) -> Instant {
    Instant::from_millis(millis)
}

/// An agent with these addresses, which has said that there are no more.
pub(crate) fn agent(config: Config, seed: u64, role: Role, addresses: &[&str]) -> Agent {
    let mut agent = Agent::new(config, Box::new(SeededRng::new(seed)));
    agent.set_role(Instant::ZERO, role);
    for address in addresses {
        agent.add_local_candidate(Instant::ZERO, address.parse().unwrap()).unwrap();
    }
    agent.end_of_local_candidates(Instant::ZERO);
    agent
}

/// The controlling `a` and the controlled `b`, each with these addresses, not signalled yet.
pub(crate) fn scene(link: LinkConfig, seed: u64, a: &[&str], b: &[&str]) -> Agents {
    let a = agent(Config::default(), 2 * seed, Role::Controlling, a);
    let b = agent(Config::default(), 2 * seed + 1, Role::Controlled, b);
    Pair::new(a, b, link, seed)
}

/// One address each.
pub(crate) fn simple_scene(link: LinkConfig, seed: u64) -> Agents {
    scene(link, seed, &[A], &[B])
}

pub(crate) const A: &str = "192.0.2.1:5000";
pub(crate) const B: &str = "198.51.100.1:6000";

/// Brings a whole description to an agent.
pub(crate) fn describe(agent: &mut Agent, now: Instant, (credentials, candidates): Description) {
    agent.set_remote_credentials(now, credentials);
    for candidate in candidates {
        agent.add_remote_candidate(now, candidate);
    }
    agent.end_of_remote_candidates(now);
}

/// Signals both descriptions at once.
pub(crate) fn signal(pair: &mut Agents) {
    let (of_a, of_b) = (pair.a.signalled(), pair.b.signalled());
    describe(&mut pair.a, pair.now, of_b);
    describe(&mut pair.b, pair.now, of_a);
}

/// Whether both have nominated pairs, and these are the two ends of one.
pub(crate) fn agree(pair: &Agents) -> bool {
    match (pair.a.selected_pair(), pair.b.selected_pair()) {
        (Some(a), Some(b)) => a.path == b.path.reversed(),
        _ => false,
    }
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
pub(crate) fn ladder(pair: &Agents) -> Vec<String> {
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
