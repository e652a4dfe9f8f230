//! A running server, and what it costs: Linux tells.

use std::fs;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Ends with this value.
pub(super) struct Server {
    child: Child,
    pub(super) address: SocketAddr,
}

impl Server {
    pub(super) fn ours(program: &Path) -> Option<Self> {
        Self::start(Command::new(program), |command, port| {
            command
                .args(["--listen", &format!("127.0.0.1:{port}"), "--relay", "127.0.0.1"])
                .args(["--allow-peer", "127.0.0.0/8", "--user", "user:pass"])
                .args(["--realm", "test.realm", "--quota", "10000"]);
        })
    }

    /// With one relay thread, as ours has one: what counts is processor time anyway.
    pub(super) fn coturn(_: &Path) -> Option<Self> {
        Self::start(Command::new("turnserver"), |command, port| {
            command
                .args(["-n", "-a", "-u", "user:pass", "-r", "test.realm", "-L", "127.0.0.1"])
                .args(["-p", &port.to_string(), "-m", "1", "--no-tls", "--no-dtls", "--no-cli"])
                .args(["--allow-loopback-peers", "--log-file", "stdout", "--simple-log"])
                .args(["--pidfile", &format!("/tmp/turnserver-{port}.pid")]);
        })
    }

    fn start(mut command: Command, tell: impl FnOnce(&mut Command, u16)) -> Option<Self> {
        let port = free_port()?;
        tell(&mut command, port);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().ok()?;
        let server = Self { child, address: ([127, 0, 0, 1], port).into() };
        let started = Instant::now();
        while TcpStream::connect(server.address).is_err() {
            if started.elapsed() > Duration::from_secs(10) {
                return None;
            }
            thread::sleep(Duration::from_millis(20));
        }
        Some(server)
    }

    /// The processor time of all its threads so far.
    pub(super) fn cpu(&self) -> Option<Duration> {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).ok()?;
        let nanos = tasks.filter_map(|task| {
            let text = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        });
        Some(Duration::from_nanos(nanos.sum()))
    }

    /// Bytes of resident memory.
    pub(super) fn resident(&self) -> Option<u64> {
        let statm = fs::read_to_string(format!("/proc/{}/statm", self.child.id())).ok()?;
        let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
        Some(pages * rustix::param::page_size() as u64)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One that nobody uses now.
pub(super) fn free_port() -> Option<u16> {
    Some(UdpSocket::bind(("127.0.0.1", 0)).ok()?.local_addr().ok()?.port())
}
