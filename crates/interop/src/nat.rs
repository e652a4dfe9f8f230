//! Calls between two homes behind NATs, directly or through a relay: a browser or our own caller in
//! one, `echo` in the other, a STUN and TURN server in the middle. Linux, and its administrator.

mod case;
pub(crate) mod doctor;
mod ipv6;
mod middle;
mod network;
mod router;

use std::{
    fs,
    path::Path,
    process::{Child, Stdio},
    time::Duration,
};

use anyhow::{Context, ensure};

use crate::{
    cases::{Addresses, Case, Features, Offerer, Peer, Task},
    driver::{Driver, Setting},
    native, relay,
    rows::{self, Rows},
    server::Server,
    setup::{self, Tools},
};
use case::Caller;
pub(crate) use case::Nat;
use middle::Middle;
use network::{Network, Place};

/// Where `echo` listens in its home, and where the other home finds it.
const SIGNALLING: &str = "127.0.0.1:8080";

/// Runs `cases` with the server at `program`; the folder `target` is ours to fill.
pub(crate) fn run(cases: &[&Case], program: &Path, target: &Path, rows: &mut Rows) {
    if cases.is_empty() {
        return;
    }
    if let Err(error) = Network::is_possible() {
        rows::head(Peer::Nat, &format!("skipped, no network namespaces here: {error:#}"));
        return;
    }
    let mut world = World::start(program, target);
    for case in cases {
        let Task::Nat(nat) = case.task else { continue };
        rows.run(case, || match &mut world {
            Ok(world) => world.run(nat, case.limit),
            Err(error) => Err(anyhow::anyhow!("{error:#}")),
        });
    }
}

/// The network and what runs in it. The order is the one in which it ends.
struct World<'a> {
    driver: Option<Driver>,
    _signalling: [Program; 2],
    middle: Option<Middle>,
    network: Network,
    /// Of Chromium and Firefox.
    tools: [Tools; 2],
    program: &'a Path,
    target: &'a Path,
}

impl<'a> World<'a> {
    fn start(program: &'a Path, target: &'a Path) -> anyhow::Result<Self> {
        setup::program(&["turnserver"], "coturn")?;
        let tools =
            [setup::prepare(Peer::Chromium, target)?, setup::prepare(Peer::Firefox, target)?];
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

    fn run(&mut self, nat: Nat, limit: Duration) -> anyhow::Result<String> {
        let (maker, folder) = (nat.maker(), self.target.join("relay"));
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
        echo.args(["--listen", SIGNALLING]).args(nat.flags());
        echo.env("SSL_CERT_FILE", folder.join("certificate.pem"));
        let echo = Server::run(echo, &self.target.join("echo-nat.log"))?;
        let outcome = match nat.caller {
            Caller::Browser(peer, offerer) => self.browse(nat, (peer, offerer), limit),
            Caller::Native => self.call(nat, limit),
        };
        echo.stop()?;
        outcome
    }

    fn browse(
        &mut self,
        nat: Nat,
        (peer, offerer): (Peer, Offerer),
        limit: Duration,
    ) -> anyhow::Result<String> {
        let mut driver = match self.driver.take() {
            Some(driver) if driver.kind.0 == peer => driver,
            other => {
                drop(other);
                self.browser(peer)?
            }
        };
        // A driver whose case failed is dropped here: what is run next gets a new browser.
        let note = driver.run(&nat.request(offerer), limit)?;
        self.driver = Some(driver);
        Ok(note)
    }

    fn call(&self, nat: Nat, limit: Duration) -> anyhow::Result<String> {
        let mut call = self.network.command(Place::Left, self.program);
        call.args(["call", &format!("http://{SIGNALLING}")]).args(nat.call_flags());
        call.env("SSL_CERT_FILE", self.target.join("relay").join("certificate.pem"));
        let said = native::finish(native::start(call)?, limit)?;
        let line = |begin| said.lines().find(|line| line.starts_with(begin));
        let connected = line("Connected").context("it does not say how it is connected")?;
        // A relay may be there first: the call begins by it, and does not stay.
        let (later, gap) = line("Then").map_or(("", ""), |later| (later, " "));
        let last = if later.is_empty() { connected } else { later };
        let by_relay = last.contains(network::MIDDLE);
        ensure!(by_relay == nat.relay.is_some(), "{last}");
        Ok(format!("{connected}{gap}{later}"))
    }

    fn browser(&self, peer: Peer) -> anyhow::Result<Driver> {
        let url = format!("http://{SIGNALLING}");
        let within = self.network.within(Place::Left);
        let setting = Setting {
            url: &url,
            echo: self.program,
            target: self.target,
            long: false,
            within: &within,
        };
        let [chromium, firefox] = &self.tools;
        let (tools, features) = match peer {
            Peer::Firefox => (firefox, Features::Default),
            _ => (chromium, Features::AnyCertificate),
        };
        Driver::start((peer, Addresses::Usual, features), tools, setting)
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
