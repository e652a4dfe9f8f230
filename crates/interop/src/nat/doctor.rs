//! The program `doctor` behind each kind of router, with coturn in the middle: what it says is what
//! the router does.

use std::{
    fmt, fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::{
    ipv6::{self, Families, Translator},
    middle::{self, Middle},
    network::{self, Network, Place},
    router::Router,
};
use crate::{
    cases::{Case, Peer, Task},
    relay,
    rows::{self, Rows},
    server, setup,
};

/// Who stands between the program and the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Examination {
    router: Router,
    families: Families,
    lifetime: bool,
}

/// For how long a router remembers, in seconds, while that is asked for.
const MEMORY: u64 = 12;

/// Hosts of the server, as URLs have them.
const IPV4: &str = network::MIDDLE;
const IPV6: &str = "[2001:db8::1]";

impl Examination {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let new = |(router, families)| Self { router, families, lifetime: false };
        let at_once = [
            (Router::Open, Families::Ipv4),
            (Router::Cone, Families::Ipv4),
            (Router::Hairpin, Families::Ipv4),
            (Router::Symmetric, Families::Ipv4),
            (Router::TcpOnly, Families::Ipv4),
            (Router::Cone, Families::Both),
            (Router::Open, Families::Ipv6),
            (Router::Cone, Families::Translated),
        ];
        let lifetime = Self { lifetime: true, ..new((Router::Cone, Families::Ipv4)) };
        at_once.into_iter().map(new).chain([lifetime])
    }

    /// The hosts that the doctor is told of.
    fn hosts(self) -> &'static [&'static str] {
        match self.families {
            Families::Ipv4 | Families::Translated => &[IPV4],
            Families::Both | Families::Ipv6 => &[IPV4, IPV6],
        }
    }

    /// What has to be said, with the fields of a report that are compared.
    fn expected(self) -> Value {
        let (strict, open) = ("address-and-port-dependent", "endpoint-independent");
        let translator = json!(format!("{}/96", ipv6::PREFIX));
        let nat64 = if self.families == Families::Translated { translator } else { Value::Null };
        let behind = |mapping, hairpin| {
            json!({
                "family": "ipv4", "udp": "works", "nat": true, "nat64": nat64,
                "mapping": mapping, "filtering": strict, "hairpin": hairpin,
            })
        };
        let plain = |family, filtering| {
            json!({
                "family": family, "udp": "works", "nat": false, "nat64": null,
                "mapping": open, "filtering": filtering, "hairpin": null,
            })
        };
        let blocked = json!({
            "family": "ipv4", "udp": "blocked", "nat": null, "nat64": null,
            "mapping": null, "filtering": null, "hairpin": null,
        });
        let (calls, networks, relays) = match (self.router, self.families) {
            (Router::TcpOnly, _) => ("relay-only", vec![blocked], vec![false, true, true]),
            // The other half of the servers is out of reach.
            (_, Families::Ipv6) => {
                ("direct", vec![plain("ipv6", open)], [[false; 3], [true; 3]].concat())
            }
            (Router::Open, _) => ("direct", vec![plain("ipv4", open)], vec![true; 3]),
            (_, Families::Both) => {
                let networks = vec![behind(open, false), plain("ipv6", strict)];
                ("direct-or-relayed", networks, vec![true; 6])
            }
            (router, _) => {
                let mapping = if router == Router::Symmetric { strict } else { open };
                let network = behind(mapping, router == Router::Hairpin);
                ("direct-or-relayed", vec![network], vec![true; 3])
            }
        };
        json!({ "calls": calls, "networks": networks, "relays": relays })
    }

    fn run(self, network: &Network, folder: &Path, limit: Duration) -> anyhow::Result<String> {
        network.set_router(Place::LeftRouter, self.router)?;
        network.set_families(self.families)?;
        let wanted = self.families == Families::Translated;
        let _translator = wanted.then(|| Translator::start(network)).transpose()?;
        if self.lifetime {
            forget_after(network, MEMORY)?;
        }
        let report = self.examine(network, folder, limit)?;
        let (said, expected) = (compared(&report), self.expected());
        ensure!(said == expected, "{said} instead of {expected}");
        for network in list(&report, "networks").filter(|it| it["udp"] == "works") {
            let mtu = &network["mtu"];
            ensure!(mtu["carried"] == 1500, "an MTU of {mtu} on Ethernet");
        }
        if self.lifetime {
            let lifetime = &report["networks"][0]["lifetime"];
            let expected = json!({ "alive_s": 10, "gone_s": 15 });
            ensure!(*lifetime == expected, "a lifetime of {lifetime} instead of {expected}");
            return Ok(format!(
                "mappings live for {} to {} s",
                lifetime["alive_s"], lifetime["gone_s"]
            ));
        }
        Ok(report["verdict"]["words"].as_str().unwrap_or_default().to_owned())
    }

    fn examine(self, network: &Network, folder: &Path, limit: Duration) -> anyhow::Result<Value> {
        use sansio::Transport::{Tcp, Tls, Udp};
        let mut command: Command = network.command(Place::Left, server::build("doctor")?);
        command.args(["--json", "--timeout", "9"]);
        if self.lifetime {
            command.args(["--lifetime", "20"]);
        }
        for host in self.hosts() {
            command.args(["--stun", &middle::stun_url_at(host)]);
            for transport in [Udp, Tcp, Tls] {
                command.args(["--turn", &middle::turn_url_at(host, transport)]);
            }
        }
        command.args(["--turn-user", "user"]).env("TURN_PASSWORD", "pass");
        command.arg("--ca").arg(folder.join("certificate.pem"));
        let (said, errors) = (folder.join("doctor.json"), folder.join("doctor.err"));
        let mut child = command
            .stdin(Stdio::null())
            .stdout(fs::File::create(&said)?)
            .stderr(fs::File::create(&errors)?)
            .spawn()
            .context("starting doctor")?;
        let status = server::wait(&mut child, limit)?;
        if status.is_none() {
            let _ = child.kill();
            let _ = child.wait();
        }
        ensure!(status.is_some_and(|status| status.success()), "doctor: {}", errors.display());
        serde_json::from_str(&fs::read_to_string(said)?).context("what doctor says")
    }
}

/// Of a report, what [`Examination::expected`] has.
fn compared(report: &Value) -> Value {
    let fields = ["family", "udp", "nat", "nat64", "mapping", "filtering", "hairpin"];
    let networks = list(report, "networks").map(|network| {
        let named = fields.map(|field| (field.to_owned(), network[field].clone()));
        Value::Object(named.into_iter().collect())
    });
    let relays = list(report, "relays").map(|relay| relay["error"].is_null());
    json!({
        "calls": report["verdict"]["calls"],
        "networks": networks.collect::<Vec<_>>(),
        "relays": relays.collect::<Vec<_>>(),
    })
}

fn list<'a>(report: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    report[name].as_array().into_iter().flatten()
}

impl fmt::Display for Examination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lifetime = if self.lifetime { ", lifetime of mappings" } else { "" };
        let Self { router, families, .. } = self;
        write!(f, "doctor behind a router: {router}, {families}{lifetime}")
    }
}

/// Runs `cases` with files in the folder `target`.
pub(crate) fn run(cases: &[&Case], target: &Path, rows: &mut Rows) {
    if cases.is_empty() {
        return;
    }
    if let Err(error) = Network::is_possible() {
        rows::head(Peer::Nat, &format!("skipped, no network namespaces here: {error:#}"));
        return;
    }
    let world = start(target);
    for case in cases {
        let Task::Doctor(examination) = case.task else { continue };
        rows.run(case, || match &world {
            Ok((_, network)) => examination.run(network, &target.join("relay"), case.limit),
            Err(error) => Err(anyhow::anyhow!("{error:#}")),
        });
    }
}

/// The server ends before the network does.
fn start(target: &Path) -> anyhow::Result<(Middle, Network)> {
    let folder = target.join("relay");
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    relay::certificate(&folder)?;
    let network = Network::start()?;
    network.add_ipv6()?;
    let middle = Middle::start_with_ipv6(&network, &folder)?;
    Ok((middle, network))
}

/// Has the router forget mappings that nobody has used for so many seconds.
fn forget_after(network: &Network, seconds: u64) -> anyhow::Result<()> {
    let mut sysctl = network.command(Place::LeftRouter, "sysctl");
    let times = ["timeout", "timeout_stream"];
    let set = times.map(|name| format!("net.netfilter.nf_conntrack_udp_{name}={seconds}"));
    setup::finish(sysctl.arg("-qw").args(set))
}
