//! Calls between two homes behind NATs, directly or through a relay: a browser or our own caller in
//! one, `echo` in the other, a STUN and TURN server in the middle. Linux, and its administrator.

mod middle;
mod network;
mod router;

use std::{
    fmt, fs,
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context;
use sansio::Transport;
use serde_json::{Value, json};

use crate::{
    cases::{Addresses, Case, Features, Offerer, Peer, Round, Task},
    driver::{Driver, Setting},
    relay,
    rows::Rows,
    server::Server,
    setup::{self, Tools},
};
use middle::{Maker, Middle};
use network::{Network, Place};
use router::Router;

/// Where `echo` listens in its home, and where the other home finds it.
const SIGNALLING: &str = "127.0.0.1:8080";

/// Who is where, and what becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Nat {
    /// Of the caller.
    left: Router,
    /// Of `echo`.
    right: Router,
    way: Way,
    offerer: Offerer,
    plan: Plan,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plan {
    /// A few messages.
    Messages,
    /// Picture and sound, so many seconds.
    Media(u64),
}

/// The way that a call has to find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// From router to router, although there is a relay.
    Direct,
    /// Through the relay, because nothing else can work.
    Needed(Transport),
    /// Through the relay, because the caller wants nothing else.
    Wanted(Transport, Maker),
}

const WAYS: &[(Router, Router, Way)] = &[
    (Router::Cone, Router::Open, Way::Direct),
    (Router::Symmetric, Router::Open, Way::Direct),
    (Router::Cone, Router::Cone, Way::Direct),
    (Router::Symmetric, Router::Cone, Way::Needed(Transport::Udp)),
    (Router::Cone, Router::Symmetric, Way::Needed(Transport::Udp)),
    (Router::Symmetric, Router::Symmetric, Way::Needed(Transport::Udp)),
    (Router::TcpOnly, Router::Cone, Way::Needed(Transport::Tcp)),
    (Router::TcpOnly, Router::Symmetric, Way::Needed(Transport::Tls)),
    (Router::Cone, Router::Cone, Way::Wanted(Transport::Udp, Maker::Patchcord)),
    (Router::Cone, Router::Cone, Way::Wanted(Transport::Tcp, Maker::Patchcord)),
    (Router::Cone, Router::Cone, Way::Wanted(Transport::Tls, Maker::Patchcord)),
];

/// Seconds of picture and sound through a relay that forgets who is silent for a minute.
const MEDIA: &[(Transport, Maker, u64)] = &[
    (Transport::Udp, Maker::Patchcord, 4),
    (Transport::Tls, Maker::Coturn, 4),
    (Transport::Udp, Maker::Patchcord, 600),
    (Transport::Udp, Maker::Coturn, 600),
];

impl Nat {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let messages = WAYS.iter().flat_map(|&(left, right, way)| {
            let offerers = [Offerer::Browser, Offerer::Server];
            offerers.map(|offerer| Self { left, right, way, offerer, plan: Plan::Messages })
        });
        let media = MEDIA.iter().map(|&(transport, maker, seconds)| Self {
            left: Router::Cone,
            right: Router::Cone,
            way: Way::Wanted(transport, maker),
            offerer: Offerer::Browser,
            plan: Plan::Media(seconds),
        });
        messages.chain(media)
    }

    /// Ten minutes are for those who ask.
    pub(crate) fn round(self) -> Round {
        match self.plan {
            Plan::Media(60..) => Round::Long,
            _ => Round::Always,
        }
    }

    /// After this time it has failed.
    pub(crate) fn limit(self) -> Duration {
        let seconds = if let Plan::Media(seconds) = self.plan { seconds } else { 0 };
        Duration::from_secs(30 + seconds)
    }

    /// What the browser is given, and what has to come of it.
    fn request(self) -> Value {
        let (transports, policy) = match self.way {
            Way::Direct => (vec![Transport::Udp], "all"),
            Way::Needed(transport) => (vec![transport], "all"),
            Way::Wanted(transport, _) => (vec![transport], "relay"),
        };
        let urls: Vec<_> = transports.into_iter().map(middle::turn_url).collect();
        let servers = json!([
            { "urls": middle::stun_url() },
            { "urls": urls, "username": "user", "credential": "pass" },
        ]);
        let (function, seconds) = match self.plan {
            Plan::Messages => ("nat", None),
            Plan::Media(seconds) => ("nat_media", Some(seconds)),
        };
        json!({
            "case": function, "offerer": self.offerer.to_string(), "seconds": seconds,
            "config": { "iceServers": servers, "iceTransportPolicy": policy },
            "relay": self.transport().map(|transport| transport.to_string()),
        })
    }

    /// To the relay, if there has to be one.
    fn transport(self) -> Option<Transport> {
        match self.way {
            Way::Direct => None,
            Way::Needed(transport) | Way::Wanted(transport, _) => Some(transport),
        }
    }
}

impl fmt::Display for Nat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { left, right, way, offerer, plan } = self;
        write!(f, "{left} to {right}")?;
        match way {
            Way::Direct => {}
            Way::Needed(transport) => write!(f, ", {transport} relay")?,
            Way::Wanted(transport, maker) => write!(f, ", relay only, {maker} {transport}")?,
        }
        if let Plan::Media(seconds) = plan {
            write!(f, ", {seconds} s of media")?;
        }
        write!(f, ", {offerer} offers")
    }
}

/// Runs `cases` with the server at `program`; the folder `target` is ours to fill.
pub(crate) fn run(cases: &[&Case], program: &Path, target: &Path, rows: &mut Rows) {
    if cases.is_empty() {
        return;
    }
    if let Err(error) = Network::is_possible() {
        rows.head(Peer::Nat, &format!("skipped, no network namespaces here: {error:#}"));
        return;
    }
    let mut world = World::start(program, target);
    for case in cases {
        let Task::Nat(nat) = case.task else { continue };
        let started = Instant::now();
        let outcome = match &mut world {
            Ok(world) => world.run(nat, case),
            Err(error) => Err(anyhow::anyhow!("{error:#}")),
        };
        rows.row(case, started.elapsed(), &outcome);
    }
}

/// The network and what runs in it. The order is the one in which it ends.
struct World<'a> {
    driver: Option<Driver>,
    _signalling: [Program; 2],
    middle: Option<Middle>,
    network: Network,
    tools: Tools,
    program: &'a Path,
    target: &'a Path,
}

impl<'a> World<'a> {
    fn start(program: &'a Path, target: &'a Path) -> anyhow::Result<Self> {
        setup::program(&["turnserver"], "coturn")?;
        let tools = setup::prepare(Peer::Chromium, target)?;
        let folder = target.join("relay");
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        relay::certificate(&folder)?;
        let network = Network::start()?;
        let signalling = carry_signalling(&network)?;
        Ok(Self {
            driver: None,
            _signalling: signalling,
            middle: None,
            network,
            tools,
            program,
            target,
        })
    }

    fn run(&mut self, nat: Nat, case: &Case) -> anyhow::Result<String> {
        let maker = match nat.way {
            Way::Wanted(_, maker) => maker,
            _ => Maker::Coturn,
        };
        let folder = self.target.join("relay");
        self.middle = match self.middle.take() {
            Some(middle) if middle.maker == maker => Some(middle),
            before => {
                drop(before);
                Some(Middle::start(&self.network, maker, &folder)?)
            }
        };
        self.network.set_router(Place::LeftRouter, nat.left)?;
        self.network.set_router(Place::RightRouter, nat.right)?;
        let mut echo = self.network.command(Place::Right, self.program);
        echo.args(["--listen", SIGNALLING, "--ice-server", &middle::stun_url()]);
        let echo = Server::run(echo, &self.target.join("echo-nat.log"))?;
        let mut driver = match self.driver.take() {
            Some(driver) => driver,
            None => self.browser()?,
        };
        // A driver that failed to answer is dropped here, and the next case gets a new one.
        let outcome = driver.run(&nat.request(), case.limit)?;
        self.driver = Some(driver);
        echo.stop()?;
        outcome
    }

    fn browser(&self) -> anyhow::Result<Driver> {
        let url = format!("http://{SIGNALLING}");
        let within = self.network.within(Place::Left);
        let setting = Setting {
            url: &url,
            echo: self.program,
            target: self.target,
            long: false,
            within: &within,
        };
        Driver::start(
            (Peer::Chromium, Addresses::Hidden, Features::AnyCertificate),
            &self.tools,
            setting,
        )
    }
}

/// A program that ends with this value.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Lets the left home reach the web server of the right one by another way than its network: sockets
/// of the file system are the same in all namespaces.
fn carry_signalling(network: &Network) -> anyhow::Result<[Program; 2]> {
    let path = network.folder.join("signalling").display().to_string();
    let start = |place, from: String, to: String| -> anyhow::Result<Program> {
        let mut socat = network.command(place, "socat");
        socat.args([format!("{from},fork"), to]).stdin(Stdio::null()).stdout(Stdio::null());
        Ok(Program(socat.spawn().context("starting socat")?))
    };
    let right = start(Place::Right, format!("UNIX-LISTEN:{path}"), format!("TCP:{SIGNALLING}"))?;
    let from = "TCP-LISTEN:8080,bind=127.0.0.1,reuseaddr".to_owned();
    let left = start(Place::Left, from, format!("UNIX-CONNECT:{path}"))?;
    Ok([left, right])
}
