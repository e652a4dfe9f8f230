//! The whole examination: all probes at once, each with its end.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use patchcord::{
    Resolver, Transport,
    servers::{Host, Kind},
    stream::Trust,
};
use tokio::{
    sync::RwLock,
    task::JoinSet,
    time::{Instant, timeout, timeout_at},
};

use crate::{
    approach::Approach,
    args::{Plan, Server},
    nat64::{self, Prefix},
    probes::{
        interfaces,
        network::{self, Named},
        relay::{self, Question},
    },
    report::{Failure, FailureKind, Family, Network, Relay, Report, Stun},
    verdict::{Findings, Verdict},
};

/// Of the time that there is, what goes to names.
const NAMES: Duration = Duration::from_secs(4);

/// What relays need at the end to give back what they had.
const GOODBYE: Duration = Duration::from_millis(1200);

/// A server and where it is.
type Found = (Server, Result<Vec<Place>, Failure>);

/// An address of a server, and the way there.
type Place = (SocketAddr, Approach);

pub(crate) async fn examine(plan: &Plan, trust: Option<Trust>) -> anyhow::Result<Report> {
    let end = Instant::now() + plan.timeout;
    let interfaces = interfaces::look()?;
    let found = find(plan).await;
    let calm = Arc::new(RwLock::new(()));
    let (looked, relays) =
        tokio::join!(networks(plan, &found, &calm, end), relays(plan, &found, trust, &calm, end));
    let (stun, networks) = looked;
    let findings = Findings::of(&networks, &relays, !plan.servers.is_empty());
    let verdict = Verdict::of(findings);
    Ok(Report { version: 1, interfaces, stun, networks, relays, verdict })
}

/// The addresses of all servers, of each family the first to which there is a way. Names that are for a
/// proxy to look up have none here.
async fn find(plan: &Plan) -> Vec<Found> {
    let (looked_up, translator) = tokio::join!(look_up(plan), translator(&plan.servers));
    let mut found = Vec::new();
    for (server, ips) in plan.servers.iter().zip(looked_up) {
        let places = match ips {
            _ if plan.goes_by_proxy(server) => Ok(Vec::new()),
            Ok(ips) => places(ips, server.url.port, translator).await,
            Err(failure) => Err(failure),
        };
        found.push((server.clone(), places));
    }
    found
}

/// What names stand for, in the order of the servers.
async fn look_up(plan: &Plan) -> Vec<Result<Vec<IpAddr>, Failure>> {
    let unfinished = || Err(FailureKind::Name.because(&"it was not looked up"));
    let mut ips: Vec<_> = plan.servers.iter().map(|_| unfinished()).collect();
    let mut lookups = JoinSet::new();
    for (index, server) in plan.servers.iter().enumerate() {
        if !plan.goes_by_proxy(server) {
            let host = server.url.host.clone();
            lookups.spawn(async move { (index, addresses(&host).await) });
        }
    }
    while let Some(one) = lookups.join_next().await {
        if let Ok((index, found)) = one {
            ips[index] = found;
        }
    }
    ips
}

/// The translator of this network, if it can matter: for servers with names, which it may have made
/// up addresses of, and where there is no way to IPv4 without.
async fn translator(servers: &[Server]) -> Option<Prefix> {
    let mut matters = false;
    for server in servers {
        matters |= match server.url.host {
            Host::Name(_) => true,
            Host::Ip(ip) => ip.is_ipv4() && Approach::to((ip, 9).into(), None).await.is_err(),
        };
    }
    if matters { nat64::discover().await } else { None }
}

async fn addresses(host: &Host) -> Result<Vec<IpAddr>, Failure> {
    let resolver = Resolver::default();
    let named =
        |error: &dyn std::fmt::Display| FailureKind::Name.because(&format_args!("{host}: {error}"));
    match timeout(NAMES, resolver.resolve(host)).await {
        Err(_) => Err(named(&"the name is not answered")),
        Ok(Err(error)) => Err(named(&error)),
        Ok(Ok(ips)) => Ok(ips),
    }
}

/// Of each family the first address to which there is a way. What a translator stands for is IPv4.
async fn places(
    ips: Vec<IpAddr>,
    port: u16,
    translator: Option<Prefix>,
) -> Result<Vec<Place>, Failure> {
    let ips: Vec<IpAddr> = ips.into_iter().map(|ip| translated(ip, translator)).collect();
    let of = |family| ips.iter().copied().find(|ip| Family::of(*ip) == family);
    let mut reachable = Vec::new();
    for ip in Family::BOTH.into_iter().filter_map(of) {
        let address = SocketAddr::new(ip, port);
        if let Ok(approach) = Approach::to(address, translator).await {
            reachable.push((address, approach));
        }
    }
    if reachable.is_empty() {
        return Err(FailureKind::Local.because(&"this machine has no way there"));
    }
    Ok(reachable)
}

fn translated(ip: IpAddr, translator: Option<Prefix>) -> IpAddr {
    match (ip, translator) {
        (IpAddr::V6(v6), Some(prefix)) => prefix.extract(v6).map_or(ip, IpAddr::V4),
        _ => ip,
    }
}

async fn networks(
    plan: &Plan,
    found: &[Found],
    calm: &RwLock<()>,
    end: Instant,
) -> (Vec<Stun>, Vec<Network>) {
    // Each TURN server over UDP is a STUN server as well.
    let asked = || found.iter().filter(|(server, _)| server.url.transport == Transport::Udp);
    let mut stun: Vec<Stun> = found.iter().filter_map(not_asked).collect();
    let [ipv4, ipv6] = Family::BOTH.map(|family| {
        let mut servers: Vec<Named> = Vec::new();
        for (server, addresses) in asked() {
            let addresses = addresses.iter().flatten();
            for (address, approach) in addresses.copied() {
                let known = servers.iter().any(|known| known.address == address);
                if Family::of(address.ip()) == family && !known {
                    servers.push(Named { url: server.text.clone(), address, approach });
                }
            }
        }
        let last = end + plan.lifetime.map_or(Duration::ZERO, |it| it + Duration::from_secs(4));
        let look = network::look(family, servers.clone(), plan.lifetime, (end, calm));
        async move {
            timeout_at(last, look).await.unwrap_or_else(|_| {
                let late = FailureKind::Unfinished.because(&"the time was up");
                (servers.iter().map(|it| it.told(None, Some(late.clone()))).collect(), None)
            })
        }
    });
    let (ipv4, ipv6) = tokio::join!(ipv4, ipv6);
    let mut networks = Vec::new();
    for (told, network) in [ipv4, ipv6] {
        stun.extend(told);
        networks.extend(network);
    }
    (stun, networks)
}

/// What there is to say of a STUN server that cannot be asked.
fn not_asked((server, addresses): &Found) -> Option<Stun> {
    let error = match addresses {
        _ if server.url.kind != Kind::Stun => return None,
        Err(failure) => failure.clone(),
        Ok(_) if server.url.transport != Transport::Udp => {
            FailureKind::Refused.because(&"stuns: would tell of TCP only, so it is not asked")
        }
        Ok(_) => return None,
    };
    let url = server.text.clone();
    Some(Stun { url, address: None, mapped: None, round_trip_ms: None, error: Some(error) })
}

async fn relays(
    plan: &Plan,
    found: &[Found],
    trust: Option<Trust>,
    calm: &Arc<RwLock<()>>,
    end: Instant,
) -> Vec<Relay> {
    let (mut relays, mut looking) = (Vec::new(), JoinSet::new());
    for (server, addresses) in found.iter().filter(|(server, _)| server.url.kind == Kind::Turn) {
        let (text, url) = (server.text.clone(), server.url.clone());
        let addresses = match addresses {
            Ok(_) if plan.goes_by_proxy(server) => vec![None],
            Ok(addresses) => addresses.iter().copied().map(Some).collect(),
            Err(failure) => {
                relays.push(Some(Relay::failed(&text, url.transport, Some(failure.clone()))));
                continue;
            }
        };
        for place in addresses {
            let question = Question {
                text: text.clone(),
                url: url.clone(),
                place,
                username: plan.username.clone(),
                password: plan.password.clone(),
                proxy: plan.proxy.clone(),
                trust: trust.clone(),
                calm: calm.clone(),
            };
            let index = relays.len();
            relays.push(None);
            looking.spawn(async move {
                let limit = end.saturating_duration_since(Instant::now() + GOODBYE);
                let late = FailureKind::Unfinished.because(&"the time was up");
                let late = Relay::failed(&question.text, question.url.transport, Some(late));
                (index, timeout_at(end, relay::look(question, limit)).await.unwrap_or(late))
            });
        }
    }
    while let Some(looked) = looking.join_next().await {
        if let Ok((index, relay)) = looked {
            relays[index] = Some(relay);
        }
    }
    relays.into_iter().flatten().collect()
}
