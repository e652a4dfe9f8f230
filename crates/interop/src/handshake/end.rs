//! Our end: a connection, a socket, a clock.

use std::{
    net::{SocketAddr, UdpSocket},
    time::Duration,
};

use anyhow::Context;
use dtls::{CloseReason, Config, Connection, Event, Fingerprint, Role, State};
use sansio::{Clock, Machine};
use testkit::SeededRng;

/// How long a turn waits for a datagram at most.
const TURN: Duration = Duration::from_millis(20);

pub(super) struct End {
    dtls: Connection,
    socket: UdpSocket,
    clock: Clock,
    /// Where the other side is; a server learns it.
    to: Option<SocketAddr>,
    /// Where a server is: ours, or the one that is to be started.
    pub(super) port: u16,
    pub(super) received: String,
    /// Version, suite and group.
    pub(super) agreed: Option<String>,
}

impl End {
    pub(super) fn new(config: &Config, role: Role, expected: Fingerprint) -> anyhow::Result<Self> {
        let bind = || UdpSocket::bind("127.0.0.1:0").context("binding a socket");
        let socket = bind()?;
        let (port, to) = match role {
            Role::Server => (socket.local_addr()?.port(), None),
            Role::Client => {
                // A port that was free a moment ago.
                let address = bind()?.local_addr()?;
                (address.port(), Some(address))
            }
        };
        socket.set_read_timeout(Some(TURN))?;
        let clock = Clock::start();
        // Good enough for hello randoms that nobody attacks.
        let rng = SeededRng::boxed(u64::from(port));
        let dtls = Connection::new(clock.now(), config, role, vec![expected], rng)?;
        Ok(Self { dtls, socket, clock, to, port, received: String::new(), agreed: None })
    }

    /// Says what there is to say, and takes what comes.
    pub(super) fn turn(&mut self) -> anyhow::Result<()> {
        self.dtls.handle_timeout(self.clock.now());
        self.flush()?;
        let mut input = vec![0; 1 << 16];
        // Nobody may be there yet.
        if let Ok((len, from)) = self.socket.recv_from(&mut input) {
            self.to = Some(from);
            let mut rest = input.get_mut(..len).unwrap_or_default();
            while !rest.is_empty() {
                if let Ok(Some(data)) = self.dtls.open(self.clock.now(), &mut rest) {
                    self.received.push_str(&String::from_utf8_lossy(data));
                }
            }
        }
        while let Some(data) = self.dtls.poll_data() {
            self.received.push_str(&String::from_utf8_lossy(&data));
        }
        while let Some(event) = self.dtls.poll_event() {
            if let Event::Connected { version, cipher_suite, group, .. } = event {
                let group = group.map(|group| group.to_string()).unwrap_or_default();
                self.agreed = Some(format!("{version}, {cipher_suite}, {group}"));
            }
        }
        self.flush()
    }

    pub(super) fn say(&mut self, text: &str) -> anyhow::Result<()> {
        let mut record = vec![0; self.dtls.head_room()];
        record.extend_from_slice(text.as_bytes());
        self.dtls.seal(&mut record, 0)?;
        self.send(&record)
    }

    pub(super) fn close(&mut self) -> anyhow::Result<()> {
        self.dtls.close(self.clock.now());
        self.flush()
    }

    pub(super) fn is_connected(&self) -> bool {
        self.dtls.state() == State::Connected
    }

    pub(super) fn closed(&self) -> Option<&CloseReason> {
        self.dtls.close_reason()
    }

    /// What SRTP is keyed with, as the exporter gives it (RFC 5764 §4.2).
    pub(super) fn keys(&self) -> Option<String> {
        let keys = self.dtls.keying_material()?;
        let [client, server] = [Role::Client, Role::Server].map(|role| keys.written_by(role));
        let all = [client.key, server.key, client.salt, server.salt].concat();
        Some(all.iter().map(|byte| format!("{byte:02X}")).collect())
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        let mut datagram = Vec::new();
        while self.dtls.poll_transmit(self.clock.now(), &mut datagram).is_some() {
            self.send(&datagram)?;
            datagram.clear();
        }
        Ok(())
    }

    fn send(&self, datagram: &[u8]) -> anyhow::Result<()> {
        if let Some(to) = self.to {
            // A refusal is about an earlier datagram: the program is still starting.
            let _ = self.socket.send_to(datagram, to);
        }
        Ok(())
    }
}
