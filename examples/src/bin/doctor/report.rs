//! What is found out, as `--json` prints it. The names of the fields stay; `docs/doctor.md`
//! explains them.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use serde::Serialize;
use stun::behavior::Dependence;

use crate::verdict::Verdict;

/// Everything.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    /// Of this format: 1. New fields do not change it.
    pub(crate) version: u32,
    pub(crate) interfaces: Vec<Interface>,
    pub(crate) stun: Vec<Stun>,
    pub(crate) networks: Vec<Network>,
    pub(crate) relays: Vec<Relay>,
    pub(crate) verdict: Verdict,
}

/// One of this machine's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Interface {
    pub(crate) name: String,
    pub(crate) mtu: Option<u32>,
    pub(crate) addresses: Vec<Address>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Address {
    pub(crate) ip: IpAddr,
    pub(crate) scope: Scope,
}

/// How far an address reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Scope {
    Public,
    Private,
    /// 100.64.0.0/10, RFC 6598.
    CarrierGrade,
    LinkLocal,
    Loopback,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Family {
    Ipv4,
    Ipv6,
}

/// One address of one server, asked where it sees us.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Stun {
    pub(crate) url: String,
    pub(crate) address: Option<SocketAddr>,
    pub(crate) mapped: Option<SocketAddr>,
    pub(crate) round_trip_ms: Option<f64>,
    pub(crate) error: Option<Failure>,
}

/// What is between us and the world, for one family.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Network {
    pub(crate) family: Family,
    pub(crate) local: IpAddr,
    /// Under which prefix IPv4 is reached where only IPv6 is had.
    pub(crate) nat64: Option<String>,
    pub(crate) udp: Udp,
    pub(crate) public: Option<IpAddr>,
    pub(crate) nat: Option<bool>,
    pub(crate) mapping: Option<Mapping>,
    pub(crate) filtering: Option<Filtering>,
    pub(crate) method: Option<Method>,
    pub(crate) hairpin: Option<bool>,
    pub(crate) lifetime: Option<Lifetime>,
    pub(crate) mtu: Option<Mtu>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Udp {
    Works,
    /// TCP to the same servers works.
    Blocked,
    /// Nobody answers, over TCP either.
    Silent,
}

/// How many public ports a socket has: RFC 4787 §4.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Mapping {
    EndpointIndependent,
    AddressDependent,
    AddressAndPortDependent,
    /// On address or port: servers without RFC 5780 cannot tell which.
    EndpointDependent,
}

/// Who may answer: RFC 4787 §5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Filtering {
    EndpointIndependent,
    AddressDependent,
    AddressAndPortDependent,
}

/// How the mapping was found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Method {
    Rfc5780,
    SeveralServers,
    /// What the server sees is our own address.
    NoTranslation,
}

/// Between the two a mapping that is not used ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Lifetime {
    pub(crate) alive_s: Option<u64>,
    pub(crate) gone_s: Option<u64>,
}

/// Sizes of IP packets from us to the server, which may not be fragmented.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Mtu {
    pub(crate) carried: Option<u16>,
    pub(crate) not_carried: Option<u16>,
}

/// A TURN server over one transport.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Relay {
    pub(crate) url: String,
    pub(crate) transport: &'static str,
    pub(crate) address: Option<SocketAddr>,
    pub(crate) connect_ms: Option<f64>,
    pub(crate) allocate_ms: Option<f64>,
    pub(crate) relayed: Option<SocketAddr>,
    pub(crate) way: Option<Way>,
    pub(crate) round_trip_ms: Option<f64>,
    pub(crate) throughput_mbps: Option<f64>,
    pub(crate) lost: Option<u32>,
    pub(crate) error: Option<Failure>,
}

/// How data came back to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Way {
    /// From one allocation of ours to another one.
    TwoAllocations,
    /// From an allocation to a socket of ours.
    BackToUs,
}

/// What went wrong, for programs and for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    pub(crate) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FailureKind {
    /// The name has no address.
    Name,
    /// There is no connection.
    Connect,
    /// The certificate is not to be trusted.
    Certificate,
    /// Nobody answers.
    Silent,
    /// The name or the password is wrong.
    Credentials,
    /// The server will not.
    Refused,
    /// There is an allocation, but nothing comes back through it.
    NotRelayed,
    /// This machine cannot.
    Local,
    /// The time was up.
    Unfinished,
}

impl FailureKind {
    pub(crate) fn because(self, text: &dyn fmt::Display) -> Failure {
        Failure { kind: self, text: text.to_string() }
    }
}

impl Family {
    pub(crate) const BOTH: [Self; 2] = [Self::Ipv4, Self::Ipv6];

    pub(crate) const fn of(ip: IpAddr) -> Self {
        if ip.is_ipv4() { Self::Ipv4 } else { Self::Ipv6 }
    }
}

impl From<Dependence> for Mapping {
    fn from(dependence: Dependence) -> Self {
        match dependence {
            Dependence::EndpointIndependent => Self::EndpointIndependent,
            Dependence::AddressDependent => Self::AddressDependent,
            Dependence::AddressAndPortDependent => Self::AddressAndPortDependent,
        }
    }
}

impl From<Dependence> for Filtering {
    fn from(dependence: Dependence) -> Self {
        match dependence {
            Dependence::EndpointIndependent => Self::EndpointIndependent,
            Dependence::AddressDependent => Self::AddressDependent,
            Dependence::AddressAndPortDependent => Self::AddressAndPortDependent,
        }
    }
}

/// With two digits: a clock of a person's machine says no more.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e5).round() / 100.0
}
