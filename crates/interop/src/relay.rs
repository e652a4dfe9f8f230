//! TURN with coturn: our client with its server, over UDP, TCP, TLS and DTLS, with nonces that expire
//! all the time; its `turnutils_uclient` with our server, TCP to peers included.

mod conversation;
mod joined;
mod records;
mod wire;

use std::{
    fmt, fs,
    net::{SocketAddr, TcpStream, UdpSocket},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use sansio::Transport;

use crate::{server, setup};
pub(crate) use wire::Wire;

/// Whom the certificate of both servers is for.
const NAMES: &str = "subjectAltName=DNS:localhost,IP:192.0.2.1,IP:2001:db8::1";

/// Who is who.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relay {
    /// Our client over this, with `turnserver`.
    OurClient(Transport),
    /// The same, with connections to peers.
    OurConnections(Transport),
    /// `turnutils_uclient` with these flags, with our server; in words.
    TheirClient { flags: &'static [&'static str], words: &'static str },
}

/// What `turnutils_uclient` can do.
const THEIRS: &[(&[&str], &str)] = &[
    (&[], "channels over udp"),
    (&["-s"], "indications over udp"),
    (&["-D"], "padded channels over udp"),
    (&["-g"], "dont-fragment"),
    (&["-y"], "client to client"),
    (&["-t"], "channels over tcp"),
    (&["-t", "-S"], "channels over tls"),
    (&["-T"], "tcp to the peer"),
    (&["-T", "-S"], "tcp to the peer over tls"),
];

impl Relay {
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let ours =
            [Transport::Udp, Transport::Tcp, Transport::Tls, Transport::Dtls].map(Self::OurClient);
        let theirs = THEIRS.iter().map(|(flags, words)| Self::TheirClient { flags, words });
        let joined = [Transport::Tcp, Transport::Tls].map(Self::OurConnections);
        ours.into_iter().chain(joined).chain(theirs)
    }
}

impl fmt::Display for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OurClient(transport) => write!(f, "our client over {transport}"),
            Self::OurConnections(transport) => {
                write!(f, "our client, tcp to and from peers, over {transport}")
            }
            Self::TheirClient { words, .. } => write!(f, "our server, {words}"),
        }
    }
}

/// Runs one case with its files in `target`.
pub(crate) fn run(case: Relay, target: &Path, limit: Duration) -> anyhow::Result<String> {
    setup::program(&["turnserver"], "coturn")?;
    let folder = target.join("relay");
    fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    let certificate = certificate(&folder)?;
    match case {
        Relay::OurClient(transport) => {
            let server = Program::turnserver(&folder)?;
            conversation::hold(transport, server.address(transport), &certificate, limit)
        }
        Relay::OurConnections(transport) => {
            let server = Program::turnserver(&folder)?;
            joined::hold(transport, server.address(transport), &certificate, limit)
        }
        Relay::TheirClient { flags, .. } => {
            let server = Program::ours(&folder)?;
            let peer = Program::peer()?;
            let port = if flags.contains(&"-S") { server.tls } else { server.plain };
            uclient(flags, port, peer.plain, &folder, limit)
        }
    }
}

/// Twenty messages through our server and back.
fn uclient(
    flags: &[&str],
    port: u16,
    peer: u16,
    folder: &Path,
    limit: Duration,
) -> anyhow::Result<String> {
    let log = folder.join("uclient.log");
    let output = fs::File::create(&log)?;
    let mut child = Command::new("turnutils_uclient")
        .args(flags)
        .args(["-u", "user", "-w", "pass", "-n", "10", "-m", "2", "-e", "127.0.0.1"])
        .args(["-r", &peer.to_string(), "-p", &port.to_string(), "127.0.0.1"])
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .spawn()
        .context("starting turnutils_uclient")?;
    let status = server::wait(&mut child, limit)?;
    if status.is_none() {
        let _ = child.kill();
        let _ = child.wait();
    }
    let said = fs::read_to_string(&log)?;
    let last = said.lines().rfind(|line| line.contains("Total lost packets"));
    let last = last.with_context(|| format!("it has not come to its end: {}", log.display()))?;
    ensure!(status.is_some_and(|status| status.success()), "{last}");
    ensure!(last.contains("Total lost packets 0 "), "{last}");
    Ok(last.split(": : ").last().unwrap_or_default().to_owned())
}

/// The certificate of both servers, for `localhost` and for the middle of `nat`; PEM, in the folder.
pub(crate) fn certificate(folder: &Path) -> anyhow::Result<PathBuf> {
    let path = folder.join("certificate.pem");
    // One of an earlier run may be for others.
    let names = folder.join("names");
    if fs::read_to_string(&names).ok().as_deref() != Some(NAMES) {
        setup::program(&["openssl"], "openssl")?;
        // RSA: the tools of coturn offer nothing else.
        let output = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"])
            .args(["-subj", "/CN=localhost", "-addext", NAMES])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .arg("-keyout")
            .arg(folder.join("key.pem"))
            .arg("-out")
            .arg(&path)
            .output()
            .context("starting openssl")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::write(&names, NAMES)?;
    }
    Ok(path)
}

/// A program that ends with this value.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    plain: u16,
    tls: u16,
}

impl Program {
    /// Coturn's server in a folder that may be empty yet.
    pub(crate) fn coturn(folder: &Path) -> anyhow::Result<Self> {
        setup::program(&["turnserver"], "coturn")?;
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        certificate(folder)?;
        Self::turnserver(folder)
    }

    /// Where it is spoken to over this.
    pub(crate) fn address(&self, transport: Transport) -> SocketAddr {
        let is_secure = matches!(transport, Transport::Tls | Transport::Dtls);
        let port = if is_secure { self.tls } else { self.plain };
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    /// Coturn's server, whose nonces are good for two seconds.
    fn turnserver(folder: &Path) -> anyhow::Result<Self> {
        let (plain, tls) = (free_port()?, free_port()?);
        let mut command = Command::new("turnserver");
        command
            .args(["-n", "-L", "127.0.0.1", "-a", "-u", "user:pass", "-r", "test.realm"])
            .args(["--no-cli", "--allow-loopback-peers", "--stale-nonce=2"])
            .args(["--log-file", "stdout", "--simple-log"])
            .args(["-p", &plain.to_string(), "--tls-listening-port", &tls.to_string()])
            .args([Path::new("--cert"), &folder.join("certificate.pem")])
            .args([Path::new("--pkey"), &folder.join("key.pem")])
            .args([Path::new("--pidfile"), &folder.join("turnserver.pid")]);
        Self::start(command, folder, "turnserver", plain, tls)
    }

    fn ours(folder: &Path) -> anyhow::Result<Self> {
        let program = server::build("turn-server")?;
        let (plain, tls) = (free_port()?, free_port()?);
        let mut command = Command::new(program);
        command
            .args(["--relay", "127.0.0.1", "--allow-peer", "127.0.0.0/8"])
            .args(["--user", "user:pass", "--realm", "test.realm", "-v"])
            .args(["--listen", &format!("127.0.0.1:{plain}")])
            .args(["--listen-tls", &format!("127.0.0.1:{tls}")])
            .args([Path::new("--cert"), &folder.join("certificate.pem")])
            .args([Path::new("--key"), &folder.join("key.pem")]);
        Self::start(command, folder, "turn-server", plain, tls)
    }

    /// Starts it, and waits until it takes connections.
    fn start(
        mut command: Command,
        folder: &Path,
        name: &str,
        plain: u16,
        tls: u16,
    ) -> anyhow::Result<Self> {
        let log = fs::File::create(folder.join(name).with_extension("log"))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        let program = Self { child, plain, tls };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", tls)).is_err() {
            ensure!(started.elapsed() < Duration::from_secs(20), "{name} does not listen");
            thread::sleep(Duration::from_millis(20));
        }
        Ok(program)
    }

    /// Coturn's peer, which returns what it hears over UDP and TCP.
    fn peer() -> anyhow::Result<Self> {
        let plain = free_port()?;
        let child = Command::new("turnutils_peer")
            .args(["-L", "127.0.0.1", "-p", &plain.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("starting turnutils_peer")?;
        let program = Self { child, plain, tls: 0 };
        let started = Instant::now();
        // It listens when the port is no longer free.
        while UdpSocket::bind(("127.0.0.1", plain)).is_ok() {
            if started.elapsed() > Duration::from_secs(10) {
                bail!("turnutils_peer does not listen");
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(program)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One that nobody uses now, for UDP and, as a rule, TCP.
fn free_port() -> anyhow::Result<u16> {
    Ok(UdpSocket::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
