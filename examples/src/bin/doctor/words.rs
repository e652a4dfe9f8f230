//! A report in plain words.

use std::fmt::{self, Write};

use crate::report::{
    Family, Filtering, Interface, Mapping, Method, Network, Relay, Report, Scope, Stun, Udp, Way,
};

/// The whole of it.
pub(crate) fn tell(report: &Report) -> String {
    let mut out = String::new();
    // Nothing can go wrong when text is written to text.
    let _ = write_all(report, &mut out);
    out
}

fn write_all(report: &Report, out: &mut String) -> fmt::Result {
    writeln!(out, "This machine")?;
    for interface in &report.interfaces {
        writeln!(out, "  {interface}")?;
    }
    if report.interfaces.is_empty() {
        writeln!(out, "  no interface is up")?;
    }
    if !report.stun.is_empty() {
        writeln!(out, "\nWhere servers see it")?;
    }
    for stun in &report.stun {
        writeln!(out, "  {stun}")?;
    }
    for network in &report.networks {
        writeln!(out, "\n{}", network.family)?;
        for sentence in sentences(network) {
            writeln!(out, "  {sentence}")?;
        }
    }
    if !report.relays.is_empty() {
        writeln!(out, "\nRelays")?;
    }
    for relay in &report.relays {
        writeln!(out, "  {relay}")?;
    }
    writeln!(out, "\n{}", report.verdict.words)?;
    for advice in &report.verdict.advice {
        writeln!(out, "- {advice}")?;
    }
    Ok(())
}

fn sentences(network: &Network) -> Vec<String> {
    let mut said = vec![match (network.udp, network.nat, network.public) {
        (Udp::Blocked, ..) => {
            "UDP is blocked: servers that take TCP do not answer over UDP.".into()
        }
        (Udp::Silent, ..) => "No server answers, neither over UDP nor over TCP.".into(),
        (Udp::Works, Some(false), _) => {
            format!("UDP works, and there is no NAT: the world sees {} itself.", network.local)
        }
        (Udp::Works, _, Some(public)) if network.nat64.is_some() => format!(
            "UDP works, through a translator from IPv6 (NAT64, {}): the world sees {} as {public}.",
            network.nat64.as_deref().unwrap_or_default(),
            network.local
        ),
        (Udp::Works, _, Some(public)) => {
            format!("UDP works, through a NAT: the world sees {} as {public}.", network.local)
        }
        (Udp::Works, ..) => "UDP works.".into(),
    }];
    if network.nat == Some(true) {
        said.extend(network.mapping.map(|mapping| mapping.words().to_owned()));
    }
    if network.method == Some(Method::SeveralServers) {
        said.push(
            "  (By comparing what several servers see; one with RFC 5780 knows better.)".into(),
        );
    }
    if network.nat == Some(true) && network.mapping.is_none() {
        said.push(
            "Whether everybody sees the same port, a single ordinary server cannot tell.".into(),
        );
    }
    said.extend(network.filtering.map(|filtering| filtering.words().to_owned()));
    said.extend(network.hairpin.map(|hairpin| {
        let not = if hairpin { "" } else { "not " };
        format!("Its own public address is {not}reached from inside (hairpinning).")
    }));
    if let Some(lifetime) = network.lifetime {
        said.push(match (lifetime.alive_s, lifetime.gone_s) {
            (Some(alive), Some(gone)) => {
                format!("A mapping that nobody uses ends after {alive} to {gone} s.")
            }
            (Some(alive), None) => {
                format!("A mapping that nobody uses lives for {alive} s at least.")
            }
            (None, Some(gone)) => format!("A mapping that nobody uses ends within {gone} s."),
            (None, None) => "How long a mapping lives is not known.".into(),
        });
    }
    if let Some(mtu) = network.mtu {
        let carried = mtu.carried.unwrap_or_default();
        said.push(match mtu.not_carried {
            Some(not) => format!(
                "IP packets of {carried} bytes reach the server in one piece, of {not} they do not."
            ),
            None => format!("IP packets of {carried} bytes reach the server in one piece."),
        });
    }
    said
}

impl Mapping {
    const fn words(self) -> &'static str {
        match self {
            Self::EndpointIndependent => {
                "Everybody sees the same port (endpoint-independent mapping): good for calls."
            }
            Self::AddressDependent => {
                "Each address that is written to sees another port (address-dependent mapping): \
                 bad for calls."
            }
            Self::AddressAndPortDependent => {
                "Each address and port that is written to sees another port (symmetric): bad for \
                 calls."
            }
            Self::EndpointDependent => {
                "Different servers see different ports (symmetric, or nearly so): bad for calls."
            }
        }
    }
}

impl Filtering {
    const fn words(self) -> &'static str {
        match self {
            Self::EndpointIndependent => "Anybody may send to an open port.",
            Self::AddressDependent => "Only addresses that were written to may send.",
            Self::AddressAndPortDependent => {
                "Only the exact address and port that was written to may send."
            }
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
        })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Public => "public",
            Self::Private => "private",
            Self::CarrierGrade => "of a carrier's NAT",
            Self::LinkLocal => "link-local",
            Self::Loopback => "loopback",
        })
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let addresses = self.addresses.iter().map(|it| format!("{} ({})", it.ip, it.scope));
        write!(f, "{:8} {}", self.name, addresses.collect::<Vec<_>>().join(", "))?;
        self.mtu.map_or(Ok(()), |mtu| write!(f, ", MTU {mtu}"))
    }
}

impl fmt::Display for Stun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:40} ", self.url)?;
        match (&self.error, self.mapped) {
            (Some(error), _) => write!(f, "FAILED: {}", error.text)?,
            (None, Some(mapped)) => write!(f, "{mapped}")?,
            (None, None) => f.write_str("it answers, but does not say")?,
        }
        self.round_trip_ms.map_or(Ok(()), |time| write!(f, ", {time} ms there and back"))
    }
}

impl fmt::Display for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:40} {} ", self.url, self.transport)?;
        if let Some(error) = &self.error {
            write!(f, "FAILED: {}", error.text)?;
        } else {
            f.write_str("works")?;
        }
        let times = [
            ("connected in", self.connect_ms),
            ("allocated in", self.allocate_ms),
            ("through it and back in", self.round_trip_ms),
        ];
        for (words, time) in times {
            if let Some(time) = time {
                write!(f, ", {words} {time} ms")?;
            }
        }
        if let Some(rate) = self.throughput_mbps {
            write!(f, ", {rate} Mbit/s")?;
        }
        match (self.lost, self.way) {
            (Some(lost @ 1..), _) => write!(f, ", {lost} packets lost"),
            (_, Some(Way::BackToUs)) => f.write_str(" (to a socket of ours)"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Lifetime, Mtu};

    fn network() -> Network {
        Network {
            family: Family::Ipv4,
            local: "10.0.0.2".parse().unwrap(),
            nat64: None,
            udp: Udp::Works,
            public: Some("203.0.113.1".parse().unwrap()),
            nat: Some(true),
            mapping: Some(Mapping::AddressAndPortDependent),
            filtering: Some(Filtering::AddressAndPortDependent),
            method: Some(Method::Rfc5780),
            hairpin: Some(false),
            lifetime: Some(Lifetime { alive_s: Some(30), gone_s: Some(45) }),
            mtu: Some(Mtu { carried: Some(1492), not_carried: Some(1500) }),
        }
    }

    #[test]
    fn a_strict_nat_in_words() {
        let expected = [
            "UDP works, through a NAT: the world sees 10.0.0.2 as 203.0.113.1.",
            "Each address and port that is written to sees another port (symmetric): bad for \
             calls.",
            "Only the exact address and port that was written to may send.",
            "Its own public address is not reached from inside (hairpinning).",
            "A mapping that nobody uses ends after 30 to 45 s.",
            "IP packets of 1492 bytes reach the server in one piece, of 1500 they do not.",
        ];
        assert_eq!(sentences(&network()), expected);
    }

    #[test]
    fn a_translator_is_named() {
        let local = "2001:db8::2".parse().unwrap();
        let said = sentences(&Network { local, nat64: Some("64:ff9b::/96".into()), ..network() });
        let expected = "UDP works, through a translator from IPv6 (NAT64, 64:ff9b::/96): the world \
                        sees 2001:db8::2 as 203.0.113.1.";
        assert_eq!(said[0], expected);
    }

    #[test]
    fn what_is_not_known_is_not_said() {
        let blocked = Network {
            udp: Udp::Blocked,
            public: None,
            nat: None,
            mapping: None,
            filtering: None,
            method: None,
            hairpin: None,
            lifetime: None,
            mtu: None,
            ..network()
        };
        let said = sentences(&blocked);
        assert_eq!(said, ["UDP is blocked: servers that take TCP do not answer over UDP."]);
    }
}
