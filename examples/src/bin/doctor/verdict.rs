//! What it all means for calls: a table of findings and verdicts.

use serde::Serialize;

use crate::report::{Family, Filtering, Mapping, Network, Relay, Report, Udp};

/// Whether calls will work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Verdict {
    pub(crate) calls: Calls,
    /// The same in plain words.
    pub(crate) words: String,
    /// What would help, a sentence each.
    pub(crate) advice: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Calls {
    /// Without a relay, with everybody who can send UDP.
    Direct,
    /// Without a relay with most; the rest needs one, and there is none known to work.
    MostlyDirect,
    /// Without a relay where that is possible, with one elsewhere: with everybody.
    DirectOrRelayed,
    /// Only through a relay.
    RelayOnly,
    /// With some, depending on their networks.
    Unreliable,
    /// With nobody.
    None,
    /// Nobody was asked.
    Unknown,
}

impl Calls {
    /// Of the program.
    pub(crate) const fn exit_code(self) -> u8 {
        match self {
            Self::Direct | Self::MostlyDirect | Self::DirectOrRelayed | Self::RelayOnly => 0,
            Self::Unreliable | Self::None => 1,
            Self::Unknown => 3,
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Direct => "Calls will work, directly.",
            Self::MostlyDirect => {
                "Calls will work, directly; with people behind the strictest routers they would \
                 need a relay."
            }
            Self::DirectOrRelayed => {
                "Calls will work: directly where the other side's router permits it, through the \
                 relay elsewhere."
            }
            Self::RelayOnly => "Calls will work, but only through the relay.",
            Self::Unreliable => {
                "Calls will work with some people only: your router is strict, and no relay works."
            }
            Self::None => "Calls will not work.",
            Self::Unknown => "Whether calls will work cannot be said: no server was asked.",
        }
    }
}

/// What the verdict rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Findings {
    pub(crate) asked: bool,
    pub(crate) udp: Option<Udp>,
    pub(crate) openness: Openness,
    pub(crate) relay: RelayFinding,
}

/// What others can reach of us over UDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Openness {
    /// Whoever knows our public address, or has been written to from it, whatever their ports.
    Open,
    /// One public port, and answers from exactly where we have sent to.
    PortRestricted,
    /// Another public port for each destination.
    Symmetric,
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RelayFinding {
    NotAsked,
    Broken,
    Works,
}

impl Findings {
    pub(crate) fn of(networks: &[Network], relays: &[Relay], asked: bool) -> Self {
        let works = |network: &&Network| network.udp == Udp::Works;
        // Everybody has IPv4, not everybody IPv6; so the one says more about calls.
        let ipv4 = networks.iter().filter(works).find(|it| it.family == Family::Ipv4);
        let network = ipv4.or_else(|| networks.iter().find(works)).or_else(|| networks.first());
        let relay = if relays.iter().any(|relay| relay.error.is_none()) {
            RelayFinding::Works
        } else if relays.is_empty() {
            RelayFinding::NotAsked
        } else {
            RelayFinding::Broken
        };
        let openness =
            network.map_or(Openness::Unknown, |it| Openness::of(it.mapping, it.filtering));
        Self { asked, udp: network.map(|network| network.udp), openness, relay }
    }

    pub(crate) fn calls(self) -> Calls {
        let relay = self.relay == RelayFinding::Works;
        if !self.asked {
            return Calls::Unknown;
        }
        match (self.udp, self.openness) {
            (Some(Udp::Works), Openness::Open) => Calls::Direct,
            (Some(Udp::Works), _) if relay => Calls::DirectOrRelayed,
            (Some(Udp::Works), Openness::Symmetric) => Calls::Unreliable,
            (Some(Udp::Works), _) => Calls::MostlyDirect,
            (_, _) if relay => Calls::RelayOnly,
            (_, _) => Calls::None,
        }
    }

    fn advice(self) -> Vec<String> {
        let mut advice = Vec::new();
        let mut say = |words: &str| advice.push(words.to_owned());
        if !self.asked {
            say("Name a server: --stun stun:HOST, --turn turn:HOST.");
            return advice;
        }
        if matches!(self.udp, Some(Udp::Blocked | Udp::Silent)) {
            say(
                "Let UDP out: without it everything goes through TCP, where one lost packet holds \
                 up all that follow.",
            );
        }
        match (self.calls(), self.relay) {
            (_, RelayFinding::Broken) => {
                say("See to the relay: what is wrong with it is said above.");
            }
            (Calls::MostlyDirect | Calls::Unreliable | Calls::None, RelayFinding::NotAsked) => {
                say("Have a TURN server, and name it with --turn.");
            }
            _ => {}
        }
        if self.openness == Openness::Unknown && self.udp == Some(Udp::Works) {
            say("Name a STUN server with RFC 5780, or two ordinary ones, to know how strict the \
                 router is.");
        }
        advice
    }
}

impl Openness {
    fn of(mapping: Option<Mapping>, filtering: Option<Filtering>) -> Self {
        match (mapping, filtering) {
            (None, _) => Self::Unknown,
            // Whoever is behind a symmetric NAT comes from another port than expected.
            (
                Some(Mapping::EndpointIndependent),
                Some(Filtering::EndpointIndependent | Filtering::AddressDependent),
            ) => Self::Open,
            (Some(Mapping::EndpointIndependent), _) => Self::PortRestricted,
            (Some(_), _) => Self::Symmetric,
        }
    }
}

impl Verdict {
    pub(crate) fn of(findings: Findings) -> Self {
        let calls = findings.calls();
        Self { calls, words: calls.words().to_owned(), advice: findings.advice() }
    }
}

impl Report {
    /// For the shell: whether calls will work.
    pub(crate) const fn exit_code(&self) -> u8 {
        self.verdict.calls.exit_code()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_finding_has_its_verdict() {
        use Openness::{Open, PortRestricted, Symmetric, Unknown};
        use RelayFinding::{Broken, NotAsked, Works};
        let works = Some(Udp::Works);
        let table = [
            (works, Open, NotAsked, Calls::Direct),
            (works, Open, Broken, Calls::Direct),
            (works, Open, Works, Calls::Direct),
            (works, PortRestricted, NotAsked, Calls::MostlyDirect),
            (works, PortRestricted, Broken, Calls::MostlyDirect),
            (works, PortRestricted, Works, Calls::DirectOrRelayed),
            (works, Symmetric, NotAsked, Calls::Unreliable),
            (works, Symmetric, Broken, Calls::Unreliable),
            (works, Symmetric, Works, Calls::DirectOrRelayed),
            (works, Unknown, NotAsked, Calls::MostlyDirect),
            (works, Unknown, Works, Calls::DirectOrRelayed),
            (Some(Udp::Blocked), Unknown, Works, Calls::RelayOnly),
            (Some(Udp::Blocked), Unknown, Broken, Calls::None),
            (Some(Udp::Silent), Unknown, Works, Calls::RelayOnly),
            (Some(Udp::Silent), Unknown, NotAsked, Calls::None),
            (None, Unknown, Broken, Calls::None),
            (None, Unknown, Works, Calls::RelayOnly),
        ];
        for (udp, openness, relay, expected) in table {
            let findings = Findings { asked: true, udp, openness, relay };
            assert_eq!(findings.calls(), expected, "{findings:?}");
            let nobody = Findings { asked: false, ..findings };
            assert_eq!(nobody.calls(), Calls::Unknown);
        }
    }

    #[test]
    fn strictness_is_the_worse_of_mapping_and_filter() {
        use Filtering::{AddressAndPortDependent, AddressDependent, EndpointIndependent};
        let one = Some(Mapping::EndpointIndependent);
        let table = [
            (one, Some(EndpointIndependent), Openness::Open),
            (one, Some(AddressDependent), Openness::Open),
            (one, Some(AddressAndPortDependent), Openness::PortRestricted),
            (one, None, Openness::PortRestricted),
            (Some(Mapping::AddressDependent), Some(EndpointIndependent), Openness::Symmetric),
            (Some(Mapping::EndpointDependent), None, Openness::Symmetric),
            (None, None, Openness::Unknown),
        ];
        for (mapping, filtering, expected) in table {
            assert_eq!(Openness::of(mapping, filtering), expected, "{mapping:?} {filtering:?}");
        }
    }

    #[test]
    fn bad_news_come_with_advice() {
        for relay in [RelayFinding::NotAsked, RelayFinding::Broken] {
            for udp in [Udp::Blocked, Udp::Works] {
                let openness = Openness::Symmetric;
                let verdict =
                    Verdict::of(Findings { asked: true, udp: Some(udp), openness, relay });
                assert!(verdict.calls.exit_code() == 1 && !verdict.advice.is_empty());
            }
        }
    }
}
