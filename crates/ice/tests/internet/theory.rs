//! What RFC 4787 and RFC 8445 let expect of two networks: whether there is a direct way, and when
//! each side can send. No packet of the agent is looked at, and no timer but Ta.
//!
//! * Ordinary checks go in the order of pair priority, one each Ta. Those to private addresses are
//!   in vain, and take their turn nevertheless; but a relay refuses those before it comes.
//! * A check that gets through is answered, and triggers one in the other direction, from what the
//!   NAT makes of it to where the first one came from; that triggers another, and so on.
//! * A side can send as soon as one of its checks is answered from where it was sent to: one round
//!   trip after it went out.
//! * By way of a relay nothing is filtered: checks to the other side's relay always arrive. So do
//!   those that the other side triggers.

use core::time::Duration;

use patchcord_ice::{Candidate, CandidateKind, Role};
use stun::behavior::Dependence;

use crate::homes::{Kind, ms};

pub(crate) const RTT: Duration = ms(100);
const ONE_WAY: Duration = ms(50);
const TA: Duration = ms(50);

/// When nothing new is to be expected of triggered checks: two NATs with mappings for each port
/// could go on for ever.
const END: Duration = ms(2000);

/// One of two sides.
#[derive(Debug)]
pub(crate) struct Side<'c> {
    pub(crate) kind: Kind,
    pub(crate) role: Role,
    /// What it signals.
    pub(crate) candidates: &'c [Candidate],
}

/// What is to be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Expected {
    /// When each side can send, at the latest.
    pub(crate) connected: [Duration; 2],
    /// Whether there is a direct way, on which both end.
    pub(crate) direct: bool,
}

pub(crate) fn expect(sides: [&Side<'_>; 2]) -> Expected {
    let direct = directly(sides);
    let relayed = [by_relay(sides[0], sides[1]), by_relay(sides[1], sides[0])];
    let earliest = |side: usize| relayed[side].min(direct[side].unwrap_or(Duration::MAX));
    Expected { connected: [earliest(0), earliest(1)], direct: direct.iter().all(Option::is_some) }
}

/// A pair in a checklist: kinds of our candidate and of theirs, and whether theirs is one to which
/// a host can send directly.
#[derive(Clone, Copy, Debug)]
struct Pair {
    kinds: [CandidateKind; 2],
    is_public: bool,
    priority: u64,
}

/// What `here` checks, in order: RFC 8445 §6.1.2. Reflexive candidates send from their base.
fn checklist(here: &Side<'_>, there: &Side<'_>) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for ours in here.candidates.iter().filter(|c| c.kind != CandidateKind::ServerReflexive) {
        for theirs in there.candidates {
            let family = |c: &Candidate| c.socket_addr().map(|address| address.is_ipv4());
            let synthesizes = here.kind == Kind::Nat64 && ours.kind == CandidateKind::Host;
            // Behind NAT64, IPv4 addresses are known by both names.
            if family(ours) != family(theirs) && !(synthesizes && family(theirs) == Some(true)) {
                continue;
            }
            let (g, d) = match here.role {
                Role::Controlling => (ours.priority, theirs.priority),
                Role::Controlled => (theirs.priority, ours.priority),
            };
            let [low, high] = [g.min(d), g.max(d)].map(u64::from);
            let priority = (low << 32) + 2 * high + u64::from(g > d);
            let reflexive = theirs.kind == CandidateKind::ServerReflexive;
            let is_native = family(theirs) == Some(false) && family(ours) == Some(false);
            let untranslated = there.kind.mapping().is_none() || is_native;
            let is_public = reflexive || theirs.kind == CandidateKind::Host && untranslated;
            let is_private = theirs.kind == CandidateKind::Host && !is_public;
            if ours.kind == CandidateKind::Relayed && is_private {
                continue;
            }
            pairs.push(Pair { kinds: [ours.kind, theirs.kind], is_public, priority });
        }
    }
    pairs.sort_by_key(|pair| core::cmp::Reverse(pair.priority));
    pairs
}

/// When the first pair that suits has its turn.
fn turn(pairs: &[Pair], suits: impl Fn(&Pair) -> bool) -> Option<Duration> {
    let index = pairs.iter().position(suits)?;
    Some(TA * u32::try_from(index).unwrap())
}

/// When `here` can send by way of a relay.
fn by_relay(here: &Side<'_>, there: &Side<'_>) -> Duration {
    use CandidateKind::{Host, Relayed};
    let (ours, theirs) = (checklist(here, there), checklist(there, here));
    let can = |side: &Side<'_>| side.kind.has_udp();
    let is_host_to_relay = |pair: &Pair| pair.kinds == [Host, Relayed];
    let to_their_relay = turn(&ours, is_host_to_relay).filter(|_| can(here));
    let to_our_relay = turn(&theirs, is_host_to_relay).filter(|_| can(there));
    let between = turn(&ours, |pair| pair.kinds == [Relayed, Relayed]);
    // From our relay to their address: it is that of their NAT as long as that always gives the
    // same, and the filter has to know our relay.
    let to_them = turn(&ours, |pair| pair.kinds[0] == Relayed && pair.is_public);
    let to_them = to_them.filter(|turn| {
        let opened = to_our_relay.is_some_and(|opened| opened < *turn + ONE_WAY);
        let is_open = there.kind.filtering() == Dependence::EndpointIndependent;
        can(there) && mapped(there.kind, 0) == 0 && (opened || is_open)
    });
    let asked = [to_their_relay, between, to_them].into_iter().flatten();
    let triggered = to_our_relay.map(|turn| turn + ONE_WAY);
    asked.chain(triggered).min().unwrap() + RTT
}

/// A check between NATs. Ports name what a mapping gives: 0 is what the STUN server has seen.
#[derive(Clone, Copy, Debug)]
struct Check {
    sent: Duration,
    from: usize,
    source: u32,
    destination: u32,
}

/// When each side has an answer to a check that went directly.
fn directly(sides: [&Side<'_>; 2]) -> [Option<Duration>; 2] {
    let mut valid = [None; 2];
    if !sides.iter().all(|side| side.kind.has_udp()) {
        return valid;
    }
    let is_public = |pair: &Pair| pair.kinds[0] == CandidateKind::Host && pair.is_public;
    let native = sides.iter().all(|side| side.kind == Kind::Nat64);
    let mut under_way: Vec<Check> = Vec::new();
    // To whom each side has sent, from when on.
    let mut contacts: [Vec<(u32, Duration)>; 2] = Default::default();
    for from in [0, 1] {
        let Some(sent) = turn(&checklist(sides[from], sides[1 - from]), is_public) else {
            continue;
        };
        let source = if native { 0 } else { mapped(sides[from].kind, 0) };
        under_way.push(Check { sent, from, source, destination: 0 });
    }
    while let Some(index) = (0..under_way.len()).min_by_key(|index| under_way[*index].sent) {
        let Check { sent, from, source, destination } = under_way.swap_remove(index);
        if sent > END {
            break;
        }
        contacts[from].push((destination, sent));
        let (there, arrives) = (1 - from, sent + ONE_WAY);
        // Those that are sent meanwhile have to be known: they may open the filter in time.
        let crossing = under_way.iter().filter(|check| check.from == there && check.sent < arrives);
        let crossing = crossing.map(|check| (check.destination, check.sent));
        let known: Vec<_> = contacts[there].iter().copied().chain(crossing).collect();
        if !native && !admits(sides[there].kind.filtering(), &known, source, arrives) {
            continue;
        }
        let answers_from = if native { 0 } else { mapped(sides[there].kind, source) };
        if answers_from == destination {
            let answered = sent + RTT;
            valid[from] =
                Some(valid[from].map_or(answered, |before: Duration| before.min(answered)));
        }
        if valid[there].is_none_or(|before| before > arrives) {
            let check =
                Check { sent: arrives, from: there, source: answers_from, destination: source };
            under_way.push(check);
        }
    }
    valid
}

/// The port by which a NAT lets its host speak to this port of the other side, RFC 4787 §4.1. The
/// STUN server's address is another one than the other side's.
fn mapped(kind: Kind, destination: u32) -> u32 {
    match kind.mapping() {
        None | Some(Dependence::EndpointIndependent) => 0,
        Some(Dependence::AddressDependent) => 1,
        Some(Dependence::AddressAndPortDependent) => 2 + destination,
    }
}

/// RFC 4787 §5.
fn admits(filter: Dependence, contacts: &[(u32, Duration)], source: u32, at: Duration) -> bool {
    let mut before = contacts.iter().filter(|(_, sent)| *sent < at).map(|(port, _)| *port);
    match filter {
        Dependence::EndpointIndependent => true,
        Dependence::AddressDependent => before.next().is_some(),
        Dependence::AddressAndPortDependent => before.any(|port| port == source),
    }
}
