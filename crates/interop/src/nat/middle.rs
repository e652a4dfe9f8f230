//! The STUN and TURN server that everybody reaches.

use std::{
    fmt, fs,
    path::Path,
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};

use super::{
    ipv6,
    network::{MIDDLE, MIDDLE_TOO, Network, Place},
};
use crate::server;

const PLAIN: u16 = 3478;
const TLS: u16 = 5349;

/// Whose server it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Maker {
    Coturn,
    Patchcord,
}

/// A server in the middle, which ends with this value.
#[derive(Debug)]
pub(super) struct Middle {
    child: Child,
    pub(super) maker: Maker,
}

impl Middle {
    /// Starts it with the certificate that is in `folder`, and waits until it takes connections.
    pub(super) fn start(network: &Network, maker: Maker, folder: &Path) -> anyhow::Result<Self> {
        Self::start_with(network, maker, folder, &[])
    }

    /// A coturn that has the addresses of IPv6 too.
    pub(super) fn start_with_ipv6(network: &Network, folder: &Path) -> anyhow::Result<Self> {
        let flags = ["-L", ipv6::MIDDLE, "-L", ipv6::MIDDLE_TOO, "-E", ipv6::MIDDLE];
        Self::start_with(network, Maker::Coturn, folder, &flags)
    }

    fn start_with(
        network: &Network,
        maker: Maker,
        folder: &Path,
        flags: &[&str],
    ) -> anyhow::Result<Self> {
        let (plain, tls) = (PLAIN.to_string(), TLS.to_string());
        let mut command = match maker {
            Maker::Coturn => {
                let mut command = network.command(Place::Middle, "turnserver");
                // Nonces that are good for two seconds: each call sees some of them expire.
                command
                    .args(["-n", "-a", "-u", "user:pass", "-r", "test.realm", "-L", MIDDLE])
                    // Two addresses make it a server with RFC 5780.
                    .args(["-L", MIDDLE_TOO, "-E", MIDDLE])
                    .args(["--no-cli", "--stale-nonce=2", "--log-file", "stdout"])
                    .args(["--max-allocate-lifetime=60", "--simple-log"])
                    .args(["-p", &plain, "--tls-listening-port", &tls])
                    .arg("--pidfile")
                    .arg(network.folder.join("turnserver.pid"));
                command
            }
            Maker::Patchcord => {
                let mut command = network.command(Place::Middle, server::build("turn-server")?);
                command
                    .args(["--relay", MIDDLE, "--user", "user:pass", "--realm", "test.realm"])
                    .args(["--lifetime", "60", "--nonce-lifetime", "2"])
                    .args(["--listen", &format!("{MIDDLE}:{plain}")])
                    .args(["--listen-tls", &format!("{MIDDLE}:{tls}")])
                    // The addresses of documentation are refused otherwise.
                    .args(["--allow-peer", "198.51.100.0/24", "--allow-peer", "203.0.113.0/24"])
                    .args(["--allow-peer", "192.0.2.0/24"]);
                command
            }
        };
        let key = if maker == Maker::Coturn { "--pkey" } else { "--key" };
        command.args(flags);
        command.arg("--cert").arg(folder.join("certificate.pem"));
        command.arg(key).arg(folder.join("key.pem"));
        let log = fs::File::create(folder.join(format!("nat-{maker}.log")))?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.spawn().with_context(|| format!("starting {maker}"))?;
        let middle = Self { child, maker };
        middle.wait_until_it_listens()?;
        Ok(middle)
    }

    /// No connection can be made from here, but the kernel's table can be seen.
    fn wait_until_it_listens(&self) -> anyhow::Result<()> {
        let wanted = [("udp", PLAIN, "07"), ("tcp", PLAIN, "0A"), ("tcp", TLS, "0A")];
        let is_there = |(table, port, state): (&str, u16, &str)| {
            let path = format!("/proc/{}/net/{table}", self.child.id());
            let line = format!(":{port:04X} 00000000:0000 {state}");
            fs::read_to_string(path).is_ok_and(|lines| lines.contains(&line))
        };
        let started = Instant::now();
        loop {
            if wanted.into_iter().all(is_there) {
                return Ok(());
            }
            let late = started.elapsed() > Duration::from_secs(20);
            ensure!(!late, "{} does not listen", self.maker);
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Middle {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The URL of the server for STUN, RFC 7064.
pub(super) fn stun_url() -> String {
    stun_url_at(MIDDLE)
}

/// The same with another host, of IPv6 in brackets.
pub(super) fn stun_url_at(host: &str) -> String {
    format!("stun:{host}:{PLAIN}")
}

/// The URL of the server for TURN over `transport`, RFC 7065.
pub(super) fn turn_url(transport: sansio::Transport) -> String {
    turn_url_at(MIDDLE, transport)
}

/// The same with another host, of IPv6 in brackets.
pub(super) fn turn_url_at(host: &str, transport: sansio::Transport) -> String {
    match transport {
        sansio::Transport::Udp => format!("turn:{host}:{PLAIN}?transport=udp"),
        sansio::Transport::Tcp => format!("turn:{host}:{PLAIN}?transport=tcp"),
        sansio::Transport::Tls => format!("turns:{host}:{TLS}?transport=tcp"),
        sansio::Transport::Dtls => format!("turns:{host}:{TLS}?transport=udp"),
    }
}

impl fmt::Display for Maker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Coturn => "coturn",
            Self::Patchcord => "ours",
        })
    }
}
