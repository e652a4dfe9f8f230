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
    middle::{self, Maker, Middle},
    network::{Network, Place},
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
    lifetime: bool,
}

/// For how long a router remembers, in seconds, while that is asked for.
const MEMORY: u64 = 12;

/// What has to be said.
struct Expected {
    calls: &'static str,
    udp: &'static str,
    nat: Value,
    mapping: Value,
    filtering: Value,
    /// Which of UDP, TCP and TLS lead to the relay.
    relays: [bool; 3],
}

impl Examination {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let routers = [Router::Open, Router::Cone, Router::Symmetric, Router::TcpOnly];
        let at_once = routers.into_iter().map(|router| Self { router, lifetime: false });
        at_once.chain([Self { router: Router::Cone, lifetime: true }])
    }

    fn expected(self) -> Expected {
        let strict = json!("address-and-port-dependent");
        let open = json!("endpoint-independent");
        let works = |calls, nat, mapping: &Value, filtering: &Value| Expected {
            calls,
            udp: "works",
            nat: json!(nat),
            mapping: mapping.clone(),
            filtering: filtering.clone(),
            relays: [true; 3],
        };
        match self.router {
            Router::Open => works("direct", false, &open, &open),
            Router::Cone => works("direct-or-relayed", true, &open, &strict),
            Router::Symmetric => works("direct-or-relayed", true, &strict, &strict),
            Router::TcpOnly => Expected {
                calls: "relay-only",
                udp: "blocked",
                nat: Value::Null,
                mapping: Value::Null,
                filtering: Value::Null,
                relays: [false, true, true],
            },
        }
    }

    fn run(self, network: &Network, folder: &Path, limit: Duration) -> anyhow::Result<String> {
        network.set_router(Place::LeftRouter, self.router)?;
        if self.lifetime {
            forget_after(network, MEMORY)?;
        }
        let report = examine(network, folder, self.lifetime, limit)?;
        let Expected { calls, udp, nat, mapping, filtering, relays } = self.expected();
        let said = &report["networks"][0];
        let found = json!({
            "calls": report["verdict"]["calls"], "udp": said["udp"], "nat": said["nat"],
            "mapping": said["mapping"], "filtering": said["filtering"],
            "relays": works(&report),
        });
        let expected = json!({
            "calls": calls, "udp": udp, "nat": nat, "mapping": mapping, "filtering": filtering,
            "relays": relays,
        });
        ensure!(found == expected, "{found} instead of {expected}");
        let mtu = &said["mtu"];
        ensure!(udp != "works" || mtu["carried"] == 1500, "an MTU of {mtu} on Ethernet");
        if self.lifetime {
            let (lifetime, expected) = (&said["lifetime"], json!({ "alive_s": 10, "gone_s": 15 }));
            ensure!(*lifetime == expected, "a lifetime of {lifetime} instead of {expected}");
            return Ok(format!(
                "mappings live for {} to {} s",
                lifetime["alive_s"], lifetime["gone_s"]
            ));
        }
        Ok(report["verdict"]["words"].as_str().unwrap_or_default().to_owned())
    }
}

impl fmt::Display for Examination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lifetime = if self.lifetime { ", lifetime of mappings" } else { "" };
        write!(f, "doctor behind a router: {}{lifetime}", self.router)
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
    let middle = Middle::start(&network, Maker::Coturn, &folder)?;
    Ok((middle, network))
}

/// Has the router forget mappings that nobody has used for so many seconds.
fn forget_after(network: &Network, seconds: u64) -> anyhow::Result<()> {
    let mut sysctl = network.command(Place::LeftRouter, "sysctl");
    let times = ["timeout", "timeout_stream"];
    let set = times.map(|name| format!("net.netfilter.nf_conntrack_udp_{name}={seconds}"));
    setup::finish(sysctl.arg("-qw").args(set))
}

fn examine(
    network: &Network,
    folder: &Path,
    lifetime: bool,
    limit: Duration,
) -> anyhow::Result<Value> {
    use sansio::Transport::{Tcp, Tls, Udp};
    let mut command: Command = network.command(Place::Left, server::build("doctor")?);
    command.args(["--json", "--timeout", "9", "--stun", &middle::stun_url()]);
    if lifetime {
        command.args(["--lifetime", "20"]);
    }
    for transport in [Udp, Tcp, Tls] {
        command.args(["--turn", &middle::turn_url(transport)]);
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

/// Over UDP, TCP, TLS.
fn works(report: &Value) -> Vec<bool> {
    let relays = report["relays"].as_array().into_iter().flatten();
    relays.map(|relay| relay["error"].is_null()).collect()
}
