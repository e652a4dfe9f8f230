//! Packets from coturn's client to its peer and back.

use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::server::{Server, free_port};

/// Many clients that say much, or fewer that say little: packets that come in batches, or one by one.
pub(super) const LOADS: [Load; 2] = [
    Load { name: "crowd", clients: "100", messages: 150, pause: "1" },
    Load { name: "one by one", clients: "50", messages: 100, pause: "5" },
];

#[derive(Clone, Copy)]
pub(super) struct Load {
    pub(super) name: &'static str,
    clients: &'static str,
    messages: usize,
    /// Milliseconds between two messages of a client.
    pause: &'static str,
}

impl Load {
    /// Packets that the server relays in a second of its processor time, to the peer and back; what
    /// is lost does not count. `None`: more than one of a hundred is lost, or nothing works.
    pub(super) fn run(&self, server: &Server, peer: &Peer, quick: bool) -> Option<f64> {
        let messages = if quick { 10 } else { self.messages };
        let before = server.cpu()?;
        let output = Command::new("turnutils_uclient")
            .args(["-u", "user", "-w", "pass", "-l", "1000", "-e", "127.0.0.1"])
            .args(["-m", self.clients, "-n", &messages.to_string(), "-z", self.pause])
            .args(["-r", &peer.port.to_string(), "-p", &server.address.port().to_string()])
            .arg("127.0.0.1")
            .stdin(Stdio::null())
            .output()
            .ok()?;
        let cpu = server.cpu()?.saturating_sub(before);
        let said = String::from_utf8_lossy(&output.stdout);
        let (sent, received) = (total(&said, "tot_send_msgs=")?, total(&said, "tot_recv_msgs=")?);
        (received >= sent * 0.99).then(|| (sent + received) / cpu.as_secs_f64())
    }
}

/// The last number that stands behind this word.
fn total(said: &str, word: &str) -> Option<f64> {
    let after = said.rsplit_once(word)?.1;
    let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    after[..end].parse().ok().filter(|count| *count > 0.0)
}

/// Coturn's peer, which returns what it hears. Ends with this value.
pub(super) struct Peer {
    child: Child,
    port: u16,
}

impl Peer {
    pub(super) fn start() -> Option<Self> {
        let port = free_port()?;
        let mut command = Command::new("turnutils_peer");
        command.args(["-L", "127.0.0.1", "-p", &port.to_string()]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let peer = Self { child: command.spawn().ok()?, port };
        let started = Instant::now();
        // It listens when the port is no longer free.
        while UdpSocket::bind(("127.0.0.1", port)).is_ok() {
            if started.elapsed() > Duration::from_secs(10) {
                return None;
            }
            thread::sleep(Duration::from_millis(20));
        }
        Some(peer)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_total_counts() {
        let said = "0: tot_send_msgs=10, tot_recv_msgs=9\n1: tot_send_msgs=20, tot_recv_msgs=19";
        assert_eq!(total(said, "tot_send_msgs="), Some(20.0));
        assert_eq!(total(said, "tot_recv_msgs="), Some(19.0));
        assert_eq!(total("nothing", "tot_recv_msgs="), None);
        assert_eq!(total("tot_recv_msgs=0", "tot_recv_msgs="), None);
    }
}
