//! What the command line and the file can say.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    time::{Duration, SystemTime},
};

use anyhow::{Context, bail, ensure};
use clap::Parser;
use serde::Deserialize;
use turn::server::{
    Accounts, Config, PeerPolicy, Prefix, RateLimit, RelayAddress, SharedSecret, StaticUsers,
};

/// A TURN and STUN server over UDP, TCP and TLS.
///
/// `turn-server --user alice:wonderland --relay 203.0.113.5` serves one user on port 3478.
#[derive(Clone, Debug, Parser)]
#[command(name = "turn-server", version)]
pub(crate) struct Args {
    /// A TOML file with the same settings, such as `listen = ["0.0.0.0:3478"]`
    ///
    /// What is said here as well counts instead.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Tell more on standard error: -v allocations, -vv why datagrams are not used
    ///
    /// RUST_LOG, if set, decides instead.
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,

    #[command(flatten)]
    said: Settings,
}

/// Everything that can be set.
#[derive(Clone, Debug, Default, clap::Args, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Settings {
    /// Where clients are served over UDP and TCP [default: port 3478 of all addresses, IPv4 and
    /// IPv6]; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Vec<SocketAddr>,

    /// A second address with another port, for STUN that tells how a NAT behaves (RFC 5780); may be
    /// repeated
    ///
    /// It goes together with the first address of its family that is listened on, which must be a
    /// single one.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) other: Vec<SocketAddr>,

    /// Where clients are served over TLS, such as 0.0.0.0:5349; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen_tls: Vec<SocketAddr>,

    /// The certificate chain for TLS, PEM
    ///
    /// Without one, a certificate is made at start that belongs to nobody.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) cert: Option<PathBuf>,

    /// The private key of the certificate, PEM
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,

    /// An address for relaying [default: those listened on]; may be repeated
    ///
    /// LOCAL/ANNOUNCED behind a one-to-one NAT: bound is the first, clients are told the second.
    /// Of each family the first is used.
    #[arg(long, value_name = "IP[/IP]")]
    pub(crate) relay: Vec<String>,

    /// The ports for relaying [default: 49152-65535]
    #[arg(long, value_name = "FIRST-LAST")]
    pub(crate) ports: Option<String>,

    /// The realm of the users [default: patchcord]
    #[arg(long, value_name = "NAME")]
    pub(crate) realm: Option<String>,

    /// A user; may be repeated
    #[arg(long, value_name = "NAME:PASSWORD")]
    pub(crate) user: Vec<String>,

    /// The secret of time-limited credentials (turn-rest), instead of users
    #[arg(long, value_name = "SECRET", conflicts_with = "user")]
    pub(crate) secret: Option<String>,

    /// Peers that may be reached although they are not public; may be repeated
    #[arg(long, value_name = "PREFIX")]
    pub(crate) allow_peer: Vec<String>,

    /// Peers that may not be reached although they are public; may be repeated
    #[arg(long, value_name = "PREFIX")]
    pub(crate) deny_peer: Vec<String>,

    /// Allocations of all users [default: 10000]
    #[arg(long, value_name = "COUNT")]
    pub(crate) max_allocations: Option<usize>,

    /// Allocations of one user [default: 64]
    #[arg(long, value_name = "COUNT")]
    pub(crate) quota: Option<usize>,

    /// Bytes a second that one allocation relays, both ways together [default: no limit]
    ///
    /// Datagrams beyond that are dropped; TCP connections to peers wait.
    #[arg(long, value_name = "BYTES")]
    pub(crate) bandwidth: Option<u64>,

    /// The lifetime of an allocation, in seconds [default: 600]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) lifetime: Option<u64>,

    /// The lifetime of a nonce, in seconds [default: 3600]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) nonce_lifetime: Option<u64>,

    /// No TCP connections to peers (RFC 6062)
    #[arg(long)]
    pub(crate) no_tcp_relay: bool,

    /// How long a TCP connection to a peer may carry nothing, in seconds [default: 900]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) tcp_idle: Option<u64>,

    /// Where numbers for Prometheus are served, such as 127.0.0.1:9641 [default: nowhere]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) metrics: Option<SocketAddr>,
}

/// Whether somebody has asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    This,
    Nothing,
}

impl Args {
    /// The file, and over it what was said on the command line.
    pub(crate) fn settings(self) -> anyhow::Result<Settings> {
        let Some(path) = &self.config else { return self.said.finished() };
        let name = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {name}"))?;
        let file: Settings = toml::from_str(&text).with_context(|| format!("reading {name}"))?;
        self.said.over(file).finished()
    }
}

impl Settings {
    /// These, and where they say nothing, those of `file`.
    fn over(self, file: Self) -> Self {
        fn list<T>(said: Vec<T>, file: Vec<T>) -> Vec<T> {
            if said.is_empty() { file } else { said }
        }
        Self {
            listen: list(self.listen, file.listen),
            other: list(self.other, file.other),
            listen_tls: list(self.listen_tls, file.listen_tls),
            cert: self.cert.or(file.cert),
            key: self.key.or(file.key),
            relay: list(self.relay, file.relay),
            ports: self.ports.or(file.ports),
            realm: self.realm.or(file.realm),
            user: list(self.user, file.user),
            secret: self.secret.or(file.secret),
            allow_peer: list(self.allow_peer, file.allow_peer),
            deny_peer: list(self.deny_peer, file.deny_peer),
            max_allocations: self.max_allocations.or(file.max_allocations),
            quota: self.quota.or(file.quota),
            bandwidth: self.bandwidth.or(file.bandwidth),
            lifetime: self.lifetime.or(file.lifetime),
            nonce_lifetime: self.nonce_lifetime.or(file.nonce_lifetime),
            no_tcp_relay: self.no_tcp_relay || file.no_tcp_relay,
            tcp_idle: self.tcp_idle.or(file.tcp_idle),
            metrics: self.metrics.or(file.metrics),
        }
    }

    fn finished(self) -> anyhow::Result<Self> {
        ensure!(
            !self.user.is_empty() || self.secret.is_some(),
            "nobody may use it: --user or --secret"
        );
        ensure!(self.user.is_empty() || self.secret.is_none(), "either --user or --secret");
        ensure!(self.cert.is_some() == self.key.is_some(), "--cert and --key belong together");
        Ok(self)
    }

    /// Where clients are served over UDP and TCP, if that was said. Else there is a usual place in
    /// each family, of which a machine may lack one.
    pub(crate) fn listen(&self) -> (Vec<SocketAddr>, Said) {
        if self.listen.is_empty() && self.listen_tls.is_empty() {
            let usual = |ip: IpAddr| SocketAddr::new(ip, 3478);
            let all = [Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()];
            return (all.map(usual).into(), Said::Nothing);
        }
        (self.listen.clone(), Said::This)
    }

    pub(crate) fn tcp_idle(&self) -> Duration {
        Duration::from_secs(self.tcp_idle.unwrap_or(900))
    }

    fn realm(&self) -> &str {
        self.realm.as_deref().unwrap_or("patchcord")
    }

    /// Whom the server knows.
    pub(crate) fn accounts(&self) -> anyhow::Result<Box<dyn Accounts>> {
        if let Some(secret) = &self.secret {
            return Ok(Box::new(SharedSecret::new(secret.as_bytes())));
        }
        let mut users = StaticUsers::new(self.realm());
        for user in &self.user {
            let (name, password) = user.split_once(':').context("--user wants NAME:PASSWORD")?;
            users.add(name, password);
        }
        Ok(Box::new(users))
    }

    /// The configuration of the machine.
    pub(crate) fn config(&self) -> anyhow::Result<Config> {
        let default = Config::default();
        let seconds = |said: Option<u64>, usual| said.map_or(usual, Duration::from_secs);
        let lifetime = seconds(self.lifetime, default.lifetime);
        let unix = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Ok(Config {
            realm: self.realm().into(),
            relays: self.relays()?,
            own: self.own_addresses()?,
            ports: match &self.ports {
                None => default.ports,
                Some(text) => ports(text).context("--ports wants FIRST-LAST")?,
            },
            peers: PeerPolicy {
                allowed: prefixes(&self.allow_peer)?,
                denied: prefixes(&self.deny_peer)?,
            },
            lifetime,
            max_lifetime: default.max_lifetime.max(lifetime),
            nonce_lifetime: seconds(self.nonce_lifetime, default.nonce_lifetime),
            max_allocations: self.max_allocations.unwrap_or(default.max_allocations),
            max_allocations_per_user: self.quota.unwrap_or(default.max_allocations_per_user),
            bandwidth: self.bandwidth.map(|bytes| RateLimit { per_second: bytes, burst: bytes }),
            tcp: !self.no_tcp_relay,
            // See `fragments`.
            dont_fragment: cfg!(target_os = "linux"),
            unix_at_zero: unix.context("the clock is before 1970")?,
            ..default
        })
    }

    fn relays(&self) -> anyhow::Result<Vec<RelayAddress>> {
        if !self.relay.is_empty() {
            return self.relay.iter().map(|text| relay(text)).collect();
        }
        let (plain, _) = self.listen();
        let listening = || plain.iter().chain(&self.listen_tls).map(SocketAddr::ip);
        let mut found: Vec<IpAddr> = listening().filter(|ip| !ip.is_unspecified()).collect();
        if listening().any(|ip| ip.is_unspecified()) {
            let all = if_addrs::get_if_addrs().context("listing the addresses of this machine")?;
            let wide = all.iter().filter(|one| !one.is_loopback() && !one.is_link_local());
            found.extend(wide.map(if_addrs::Interface::ip));
        }
        ensure!(!found.is_empty(), "no address for relaying: name one with --relay");
        Ok(found.into_iter().map(RelayAddress::new).collect())
    }

    /// All that this machine answers to.
    fn own_addresses(&self) -> anyhow::Result<Vec<IpAddr>> {
        let all = if_addrs::get_if_addrs().context("listing the addresses of this machine")?;
        Ok(all.iter().map(if_addrs::Interface::ip).collect())
    }
}

fn relay(text: &str) -> anyhow::Result<RelayAddress> {
    let (local, announced) = text.split_once('/').unwrap_or((text, text));
    let read = |ip: &str| ip.parse().with_context(|| format!("--relay {text}: {ip} is no address"));
    let relay = RelayAddress { local: read(local)?, announced: read(announced)? };
    if relay.local.is_ipv4() != relay.announced.is_ipv4() {
        bail!("--relay {text}: one is IPv4, the other IPv6");
    }
    Ok(relay)
}

fn ports(text: &str) -> Option<core::ops::RangeInclusive<u16>> {
    let (first, last) = text.split_once('-')?;
    let (first, last): (u16, u16) = (first.parse().ok()?, last.parse().ok()?);
    (0 < first && first <= last).then_some(first..=last)
}

fn prefixes(texts: &[String]) -> anyhow::Result<Vec<Prefix>> {
    let read = |text: &String| text.parse().with_context(|| format!("{text} is no prefix"));
    texts.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parsed(words: &[&str]) -> anyhow::Result<Settings> {
        Args::try_parse_from([&["turn-server"], words].concat())?.settings()
    }

    #[test]
    fn the_definition_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn without_users_there_is_no_server() {
        assert!(parsed(&[]).is_err());
        assert!(parsed(&["--user", "a:b", "--secret", "c"]).is_err());
        let settings = parsed(&["--secret", "c"]).unwrap();
        let both = ["0.0.0.0:3478", "[::]:3478"].map(|address| address.parse().unwrap());
        assert_eq!(settings.listen(), (both.into(), Said::Nothing));
        let one = parsed(&["--secret", "c", "--listen", "[::1]:1"]).unwrap();
        assert_eq!(one.listen(), (vec!["[::1]:1".parse().unwrap()], Said::This));
    }

    #[test]
    fn the_command_line_is_put_over_the_file() {
        let file: Settings =
            toml::from_str("user = [\"a:b\"]\nrealm = \"file\"\nquota = 3\nno-tcp-relay = true")
                .unwrap();
        let said = Args::try_parse_from(["turn-server", "--realm", "said"]).unwrap().said;
        let both = said.over(file).finished().unwrap();
        assert_eq!((both.realm(), both.quota, both.no_tcp_relay), ("said", Some(3), true));
        assert!(toml::from_str::<Settings>("relm = \"x\"").is_err(), "a slip is noticed");
    }

    #[test]
    fn relays_and_ports_are_read() {
        let settings = parsed(&[
            "--user",
            "a:b:c",
            "--relay",
            "10.0.0.1/203.0.113.5",
            "--ports",
            "50000-50010",
            "--allow-peer",
            "10.0.0.0/8",
            "--bandwidth",
            "1000",
            "--nonce-lifetime",
            "60",
        ]);
        let settings = settings.unwrap();
        let config = settings.config().unwrap();
        let announced = "203.0.113.5".parse().unwrap();
        assert_eq!(config.relays, [RelayAddress { local: "10.0.0.1".parse().unwrap(), announced }]);
        assert_eq!(config.ports, 50_000..=50_010);
        assert!(config.peers.allows("10.1.1.1".parse().unwrap()));
        assert_eq!(config.nonce_lifetime, Duration::from_secs(60));
        for wrong in [["--relay", "10.0.0.1/::1"], ["--ports", "9-8"], ["--deny-peer", "x"]] {
            let settings = parsed(&[&["--user", "a:b"], &wrong[..]].concat()).unwrap();
            assert!(settings.config().is_err(), "{wrong:?}");
        }
    }
}
