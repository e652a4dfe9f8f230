//! IPv6 beside IPv4 in the left home, or in place of it: as it is, or with a translator (NAT64).
//!
//! ```text
//! left 2001:db8:1::2 ── 2001:db8:1::1 router 2001:db8:a::2 ── middle 2001:db8::1, 2001:db8::2
//! ```

use std::{
    fmt, fs,
    path::PathBuf,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};

use super::network::{Network, Place};
use crate::setup;

/// Of the host in the middle.
pub(super) const MIDDLE: &str = "2001:db8::1";
/// The same host, for servers that want two.
pub(super) const MIDDLE_TOO: &str = "2001:db8::2";

/// Under which the translator has IPv4.
pub(super) const PREFIX: &str = "2001:db8:64::";

/// What has addresses in the left home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Families {
    Ipv4,
    Both,
    Ipv6,
    /// IPv6 only, and a translator to IPv4 in the router.
    Translated,
}

/// A running translator, which ends with this value.
#[derive(Debug)]
pub(super) struct Translator {
    child: Child,
    /// The names that the left home knows.
    hosts: PathBuf,
}

impl Network {
    /// Adds IPv6 to all hosts on the way from the left home to the middle, but not to the home.
    pub(super) fn add_ipv6(&self) -> anyhow::Result<()> {
        for (place, address, interface) in [
            (Place::Middle, MIDDLE, "lo"),
            (Place::Middle, MIDDLE_TOO, "lo"),
            (Place::Middle, "2001:db8:a::1/64", "left"),
            (Place::LeftRouter, "2001:db8:a::2/64", "wan"),
            (Place::LeftRouter, "2001:db8:1::1/64", "lan"),
        ] {
            self.ip(place, &["addr", "add", address, "dev", interface, "nodad"])?;
        }
        for place in [Place::LeftRouter, Place::Middle] {
            let mut sysctl = self.command(place, "sysctl");
            setup::finish(sysctl.args(["-qw", "net.ipv6.conf.all.forwarding=1"]))?;
        }
        self.ip(Place::LeftRouter, &["route", "add", "default", "via", "2001:db8:a::1"])?;
        self.ip(Place::Middle, &["route", "add", "2001:db8:1::/64", "via", "2001:db8:a::2"])
    }

    /// Gives the left home other addresses.
    pub(super) fn set_families(&self, families: Families) -> anyhow::Result<()> {
        let ip = |words: &[&str]| self.ip(Place::Left, words);
        ip(&["-4", "addr", "flush", "dev", "lan"])?;
        ip(&["-6", "addr", "flush", "dev", "lan", "scope", "global"])?;
        if matches!(families, Families::Ipv4 | Families::Both) {
            ip(&["addr", "add", "10.1.0.2/24", "dev", "lan"])?;
            ip(&["route", "replace", "default", "via", "10.1.0.1"])?;
        }
        if families != Families::Ipv4 {
            ip(&["addr", "add", "2001:db8:1::2/64", "dev", "lan", "nodad"])?;
            ip(&["route", "replace", "default", "via", "2001:db8:1::1"])?;
        }
        Ok(())
    }
}

impl Translator {
    /// Starts one in the left router.
    pub(super) fn start(network: &Network) -> anyhow::Result<Self> {
        let tayga = setup::program(&["tayga"], "tayga")?;
        let (settings, folder) = (network.folder.join("tayga.conf"), network.folder.display());
        let text = format!(
            "tun-device nat64\nipv4-addr 192.168.255.1\nipv6-addr 2001:db8:65::1\n\
             prefix {PREFIX}/96\ndynamic-pool 192.168.255.0/24\ndata-dir {folder}\n"
        );
        fs::write(&settings, text).context("writing the translator's settings")?;
        let command = |network: &Network| {
            let mut command = network.command(Place::LeftRouter, &tayga);
            command.arg("--config").arg(&settings).stdin(Stdio::null());
            command
        };
        let ip = |words: &[&str]| network.ip(Place::LeftRouter, words);
        // Of an earlier one, if there was any.
        let _ = ip(&["link", "del", "nat64"]);
        setup::finish(command(network).arg("--mktun"))?;
        ip(&["link", "set", "nat64", "up"])?;
        ip(&["route", "add", "192.168.255.0/24", "dev", "nat64"])?;
        ip(&["route", "add", &format!("{PREFIX}/96"), "dev", "nat64"])?;
        // As a name server would, RFC 7050 §3: the known 192.0.0.170 by way of the translator.
        let hosts = network.hosts(Place::Left);
        fs::create_dir_all(hosts.parent().context("a file in no folder")?)?;
        fs::write(&hosts, format!("127.0.0.1 localhost\n{PREFIX}c000:aa ipv4only.arpa\n"))?;
        let log = fs::File::create(network.folder.join("tayga.log"))?;
        let mut command = command(network);
        command.arg("--nodetach").stdout(log.try_clone()?).stderr(log);
        let child = command.spawn().context("starting tayga")?;
        let translator = Self { child, hosts };
        translator.wait_until_it_translates(network)?;
        Ok(translator)
    }

    fn wait_until_it_translates(&self, network: &Network) -> anyhow::Result<()> {
        let started = Instant::now();
        loop {
            let mut ip = network.command(Place::LeftRouter, "ip");
            let said = ip.args(["link", "show", "nat64"]).output()?.stdout;
            // Somebody reads what goes in there.
            if String::from_utf8_lossy(&said).contains("LOWER_UP") {
                return Ok(());
            }
            ensure!(started.elapsed() < Duration::from_secs(5), "tayga does not translate");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Translator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_file(&self.hosts);
    }
}

impl fmt::Display for Families {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ipv4 => "IPv4",
            Self::Both => "IPv4 and IPv6",
            Self::Ipv6 => "IPv6 only",
            Self::Translated => "IPv6 with NAT64",
        })
    }
}
