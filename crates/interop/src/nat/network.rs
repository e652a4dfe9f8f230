//! A small internet: two homes behind routers of their own, and a host in the middle. Each is a
//! network namespace, so nothing of it touches the machine's own network.
//!
//! ```text
//!   left 10.1.0.2 ── 10.1.0.1 router 198.51.100.2 ──┐
//!                                                  middle 192.0.2.1, 192.0.2.2
//! right 10.2.0.2 ── 10.2.0.1 router 203.0.113.2 ────┘
//! ```

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
};

use anyhow::{Context, bail};

use super::router::{Home, Router};
use crate::setup;

/// Of the host in the middle.
pub(super) const MIDDLE: &str = "192.0.2.1";
/// The same host, for servers that want two.
pub(super) const MIDDLE_TOO: &str = "192.0.2.2";

/// Waits for the end of the program that started it, which closes its standard input, whatever ends
/// that program. Then it removes a folder and namespaces with all that runs in them.
const KEEPER: &str = r#"
trap "" INT TERM HUP
cat >/dev/null
folder=$1; shift
for name in "$@"; do
    # More than once: what is being killed may have started something.
    for turn in 1 2 3; do
        pids=$(ip netns pids "$name" 2>/dev/null) && [ -n "$pids" ] && kill -KILL $pids
    done
    ip netns del "$name" 2>/dev/null
    rm -rf -- "/etc/netns/$name"
done
rm -rf -- "$folder"
"#;

/// One of the hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Left,
    Right,
    LeftRouter,
    RightRouter,
    Middle,
}

/// The whole of it, which ends with this value, and with this program too.
#[derive(Debug)]
pub(super) struct Network {
    name: String,
    keeper: Child,
    /// For sockets: they need short names.
    pub(super) folder: PathBuf,
}

impl Network {
    /// An error if this machine, or this user, cannot have namespaces.
    pub(super) fn is_possible() -> anyhow::Result<()> {
        if cfg!(not(target_os = "linux")) {
            bail!("this is not Linux");
        }
        setup::program(&["ip"], "iproute2")?;
        let name = format!("patchcord-{}", process::id());
        let made = ip(&["netns", "add", &name]);
        let used = made.and_then(|()| ip(&["netns", "exec", &name, "true"]));
        let _ = ip(&["netns", "del", &name]);
        used?;
        setup::program(&["nft"], "nftables")?;
        setup::program(&["socat"], "socat")?;
        Ok(())
    }

    pub(super) fn start() -> anyhow::Result<Self> {
        let name = format!("patchcord-{}", process::id());
        let folder = env::temp_dir().join(&name);
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "keeper"]).arg(&folder);
        keeper.args(Place::ALL.map(|place| place.namespace(&name)));
        keeper.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // Ctrl-C is for this program, not for what cleans up after it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut keeper, 0);
        let keeper = keeper.spawn().context("starting sh")?;
        let network = Self { name, keeper, folder };
        network.build()?;
        Ok(network)
    }

    fn build(&self) -> anyhow::Result<()> {
        for place in Place::ALL {
            ip(&["netns", "add", &place.namespace(&self.name)])?;
            self.ip(place, &["link", "set", "lo", "up"])?;
        }
        for address in [MIDDLE, MIDDLE_TOO] {
            self.ip(Place::Middle, &["addr", "add", address, "dev", "lo"])?;
        }
        self.cable((Place::Left, "lan", "10.1.0.2"), (Place::LeftRouter, "lan", "10.1.0.1"))?;
        self.cable((Place::Right, "lan", "10.2.0.2"), (Place::RightRouter, "lan", "10.2.0.1"))?;
        let left = (Place::Middle, "left", "198.51.100.1");
        let right = (Place::Middle, "right", "203.0.113.1");
        self.cable((Place::LeftRouter, "wan", "198.51.100.2"), left)?;
        self.cable((Place::RightRouter, "wan", "203.0.113.2"), right)?;
        for (place, gateway) in [
            (Place::Left, "10.1.0.1"),
            (Place::Right, "10.2.0.1"),
            (Place::LeftRouter, "198.51.100.1"),
            (Place::RightRouter, "203.0.113.1"),
        ] {
            self.ip(place, &["route", "add", "default", "via", gateway])?;
        }
        for place in [Place::LeftRouter, Place::RightRouter, Place::Middle] {
            let mut sysctl = self.command(place, "sysctl");
            setup::finish(sysctl.args(["-qw", "net.ipv4.ip_forward=1"]))?;
        }
        // Who has no NAT is reached under the addresses of the home.
        self.ip(Place::Middle, &["route", "add", "10.1.0.0/24", "via", "198.51.100.2"])?;
        self.ip(Place::Middle, &["route", "add", "10.2.0.0/24", "via", "203.0.113.2"])
    }

    /// Joins two hosts, each with the name of its interface and its address.
    fn cable(&self, one: (Place, &str, &str), other: (Place, &str, &str)) -> anyhow::Result<()> {
        let [near, far] = [one, other].map(|(place, ..)| place.namespace(&self.name));
        let ends = ["link", "add", one.1, "netns", &near, "type", "veth"];
        let peer = ["peer", "name", other.1, "netns", &far];
        ip(&[&ends[..], &peer[..]].concat())?;
        for (place, interface, address) in [one, other] {
            self.ip(place, &["addr", "add", &format!("{address}/24"), "dev", interface])?;
            self.ip(place, &["link", "set", interface, "up"])?;
        }
        Ok(())
    }

    /// Gives a home another router.
    pub(super) fn set_router(&self, place: Place, router: Router) -> anyhow::Result<()> {
        let mut nft = self.command(place, "nft").args(["-f", "-"]).stdin(Stdio::piped()).spawn()?;
        let rules = router.rules(place.home());
        nft.stdin.take().context("nft has no input")?.write_all(rules.as_bytes())?;
        let status = nft.wait()?;
        if !status.success() {
            bail!("nft ended with {status} for the rules of {router}");
        }
        Ok(())
    }

    /// `program`, to be run by this host.
    pub(super) fn command(&self, place: Place, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &place.namespace(&self.name)]).arg(program.as_ref());
        command
    }

    /// The first words of a command for this host.
    pub(super) fn within(&self, place: Place) -> Vec<String> {
        let words = ["ip", "netns", "exec"].map(String::from);
        words.into_iter().chain([place.namespace(&self.name)]).collect()
    }

    /// The file of names that this host has in place of the machine's, if it is there.
    pub(super) fn hosts(&self, place: Place) -> PathBuf {
        Path::new("/etc/netns").join(place.namespace(&self.name)).join("hosts")
    }

    pub(super) fn ip(&self, place: Place, words: &[&str]) -> anyhow::Result<()> {
        ip(&[&["-n", &place.namespace(&self.name)], words].concat())
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

impl Place {
    const ALL: [Self; 5] =
        [Self::Left, Self::Right, Self::LeftRouter, Self::RightRouter, Self::Middle];

    /// Behind a router.
    const fn home(self) -> Home {
        match self {
            Self::Right | Self::RightRouter => Home { host: "10.2.0.2", public: "203.0.113.2" },
            _ => Home { host: "10.1.0.2", public: "198.51.100.2" },
        }
    }

    fn namespace(self, network: &str) -> String {
        let place = match self {
            Self::Left => "left",
            Self::Right => "right",
            Self::LeftRouter => "left-router",
            Self::RightRouter => "right-router",
            Self::Middle => "middle",
        };
        format!("{network}-{place}")
    }
}

fn ip(words: &[&str]) -> anyhow::Result<()> {
    setup::finish(Command::new("ip").args(words)).with_context(|| format!("ip {}", words.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keeper_cleans_up_when_its_input_ends() {
        let folder = env::temp_dir().join(format!("patchcord-keeper-{}", process::id()));
        fs::create_dir_all(folder.join("inner")).unwrap();
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "keeper"]).arg(&folder).arg("no-such-namespace");
        let mut keeper = keeper.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        assert!(folder.exists());
        drop(keeper.stdin.take());
        keeper.wait().unwrap();
        assert!(!folder.exists());
    }
}
