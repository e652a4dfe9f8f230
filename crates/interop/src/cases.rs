//! Every case: who, what, how long at most.

mod browser;
mod peer;
#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::{
    agents::Agents,
    handshake::Handshake,
    nat::{Nat, doctor::Examination},
    relay::Relay,
};
pub(crate) use browser::{Addresses, Codecs, Features, Offerer};
pub(crate) use peer::Peer;

/// One row of the suite.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) peer: Peer,
    pub(crate) task: Task,
    pub(crate) round: Round,
    /// After this time it has failed, and whatever runs for it is ended.
    pub(crate) limit: Duration,
}

/// When a case runs without being named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Round {
    Always,
    /// With `--long`.
    Long,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Task {
    /// A function of one of the scripts.
    Browser {
        function: &'static str,
        offerer: Offerer,
        addresses: Addresses,
        features: Features,
        codecs: Option<Codecs>,
    },
    Native(Native),
    /// A script in Python: data, sound and pictures, there and back.
    Python,
    /// DTLS without anything else.
    Handshake(Handshake),
    /// A relay without anything else.
    Relay(Relay),
    /// ICE without anything else.
    Agents(Agents),
    /// A call through NATs.
    Nat(Nat),
    /// What is said of a NAT.
    Doctor(Examination),
}

/// What our own caller does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Native {
    Call,
    CallOverTls,
    CallNobody,
    CallFour,
}

/// Seconds.
const NATIVE: &[(Native, u64)] = &[
    (Native::Call, 90),
    (Native::CallOverTls, 90),
    (Native::CallFour, 180),
    (Native::CallNobody, 40),
];

/// The cases that `words` name: peers, and parts of names. Long ones only if `long`, or if a part of
/// a name was given.
pub(crate) fn choose(words: &[String], long: bool) -> Vec<Case> {
    let named = |peer: Peer| words.iter().any(|word| *word == peer.to_string() || word == "all");
    let any_peer = Peer::ALL.into_iter().any(named);
    let parts: Vec<_> = words.iter().filter(|word| !is_peer(word)).collect();
    let mut cases = all();
    cases.retain(|case| {
        let by_default = !any_peer && matches!(case.peer, Peer::Chromium | Peer::Native);
        let name = case.name();
        (named(case.peer) || by_default)
            && (parts.is_empty() || parts.iter().any(|part| name.contains(part.as_str())))
            && (long || !parts.is_empty() || case.round == Round::Always)
    });
    cases
}

fn is_peer(word: &str) -> bool {
    word == "all" || Peer::ALL.iter().any(|peer| peer.to_string() == word)
}

fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for (task, seconds) in NATIVE {
        let limit = Duration::from_secs(*seconds);
        let task = Task::Native(*task);
        cases.push(Case { peer: Peer::Native, task, round: Round::Always, limit });
    }
    cases.extend(browser::all());
    for peer in [Peer::Aiortc, Peer::Gstreamer] {
        let (task, limit) = (Task::Python, Duration::from_secs(60));
        cases.push(Case { peer, task, round: Round::Always, limit });
    }
    for peer in [Peer::Openssl, Peer::Gnutls] {
        let each = Handshake::each().filter(|_| peer == Peer::Openssl);
        for handshake in Handshake::all().chain(each) {
            let (task, limit) = (Task::Handshake(handshake), Duration::from_secs(20));
            cases.push(Case { peer, task, round: Round::Always, limit });
        }
    }
    for relay in Relay::all() {
        let (task, limit) = (Task::Relay(relay), Duration::from_secs(40));
        cases.push(Case { peer: Peer::Coturn, task, round: Round::Always, limit });
    }
    for peer in [Peer::Libnice, Peer::Aioice] {
        for agents in Agents::all(peer) {
            let (task, limit) = (Task::Agents(agents), Duration::from_secs(20));
            cases.push(Case { peer, task, round: Round::Always, limit });
        }
    }
    for nat in Nat::all() {
        let (task, round, limit) = (Task::Nat(nat), nat.round(), nat.limit());
        cases.push(Case { peer: Peer::Nat, task, round, limit });
    }
    for examination in Examination::all() {
        let (task, limit) = (Task::Doctor(examination), Duration::from_secs(30));
        cases.push(Case { peer: Peer::Nat, task, round: Round::Always, limit });
    }
    cases
}

impl Case {
    /// Whether it is run once more when it fails. Another program may have had a bad moment; our own
    /// caller and our own `echo` alone have no excuse.
    pub(crate) fn has_a_second_chance(&self) -> bool {
        !matches!(self.task, Task::Native(_))
    }

    /// What a filter looks into: `close channel here, browser offers`.
    pub(crate) fn name(&self) -> String {
        match self.task {
            Task::Browser { function, offerer, addresses, codecs, .. } => {
                let plain = if addresses == Addresses::Plain { " by plain addresses" } else { "" };
                let codecs = codecs.map_or_else(String::new, |codecs| format!(" {codecs}"));
                format!("{}{codecs}{plain}, {offerer} offers", function.replace('_', " "))
            }
            Task::Native(Native::Call) => "call".into(),
            Task::Native(Native::CallOverTls) => "call over tls".into(),
            Task::Native(Native::CallFour) => "call four times at once".into(),
            Task::Native(Native::CallNobody) => "call nobody".into(),
            Task::Python => "data, sound and pictures".into(),
            Task::Handshake(handshake) => handshake.to_string(),
            Task::Relay(relay) => relay.to_string(),
            Task::Agents(agents) => agents.to_string(),
            Task::Nat(nat) => nat.to_string(),
            Task::Doctor(examination) => examination.to_string(),
        }
    }
}
