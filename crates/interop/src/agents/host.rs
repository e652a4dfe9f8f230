//! Our side: an agent, its sockets, a clock.

use std::{
    io::ErrorKind,
    net::{SocketAddr, UdpSocket},
    path::PathBuf,
};

use anyhow::Context;
use ice::{
    Agent, Config, Credentials, Event, GatheringState, RelayServer, Role, SocketId, SocketRequest,
};
use sansio::{Clock, Datagram, Machine, Path, Transport};
use testkit::SeededRng;

use super::candidate;
use crate::relay::{self, Wire};

pub(super) struct Host {
    pub(super) agent: Agent,
    clock: Clock,
    socket: UdpSocket,
    /// Those that the agent has asked for.
    wires: Vec<(SocketId, Path, Wire)>,
    /// Of the servers of relays.
    certificate: PathBuf,
    /// What is to be signalled.
    pub(super) lines: Vec<String>,
    /// Words of the other side.
    pub(super) heard: usize,
}

impl Host {
    pub(super) fn start(config: Config, role: Role, certificate: PathBuf) -> anyhow::Result<Self> {
        let socket = UdpSocket::bind(("127.0.0.1", 0))?;
        socket.set_nonblocking(true)?;
        let (clock, local) = (Clock::start(), socket.local_addr()?);
        let mut agent = Agent::new(config, SeededRng::boxed(u64::from(local.port())));
        agent.set_role(clock.now(), role);
        agent.add_local_candidate(clock.now(), local)?;
        let (wires, lines) = (Vec::new(), Vec::new());
        Ok(Self { agent, clock, socket, wires, certificate, lines, heard: 0 })
    }

    pub(super) fn add_relay(
        &mut self,
        transport: Transport,
        server: &relay::Program,
    ) -> anyhow::Result<()> {
        self.agent.add_relay(
            self.clock.now(),
            RelayServer {
                address: server.address(transport),
                transport,
                server_name: (transport == Transport::Tls).then(|| "localhost".into()),
                username: "user".into(),
                password: "pass".into(),
                families: turn::client::Families::Ipv4,
            },
        )?;
        Ok(())
    }

    pub(super) fn end_of_local(&mut self) {
        self.agent.end_of_local_candidates(self.clock.now());
    }

    pub(super) fn credentials(&self) -> (&str, &str) {
        let credentials = self.agent.local_credentials();
        (credentials.ufrag(), credentials.pwd())
    }

    pub(super) fn has_gathered(&self) -> bool {
        self.agent.gathering_state() == GatheringState::Complete
    }

    pub(super) fn remote_ufrag(&self) -> Option<String> {
        self.agent.remote_credentials().map(|credentials| credentials.ufrag().to_owned())
    }

    /// All there are, as lines.
    pub(super) fn candidates(&self) -> anyhow::Result<Vec<String>> {
        let all = self.agent.signalled().1;
        all.iter().map(|found| Ok(format!("candidate {}", candidate::write(found)?))).collect()
    }

    /// Begins anew.
    pub(super) fn restart(&mut self) {
        self.agent.restart(self.clock.now());
    }

    pub(super) fn set_remote(&mut self, ufrag: &str, pwd: &str) -> anyhow::Result<()> {
        let credentials = Credentials::new(ufrag, pwd)?;
        self.agent.set_remote_credentials(self.clock.now(), credentials);
        Ok(())
    }

    pub(super) fn add_remote(&mut self, text: &str) -> anyhow::Result<()> {
        if let Some(candidate) = candidate::read(text)? {
            self.agent.add_remote_candidate(self.clock.now(), candidate);
        }
        Ok(())
    }

    pub(super) fn end_of_remote(&mut self) {
        self.agent.end_of_remote_candidates(self.clock.now());
    }

    /// Sends data along the route; whether there is one.
    pub(super) fn say(&mut self, word: &[u8]) -> anyhow::Result<bool> {
        let Some(route) = self.agent.route() else { return Ok(false) };
        let mut buf = vec![0; route.head];
        buf.extend_from_slice(word);
        let Some(transmit) = self.agent.wrap(route, &mut buf, 0) else { return Ok(false) };
        self.send(transmit.path, &buf)?;
        Ok(true)
    }

    /// Sends and receives what there is.
    pub(super) fn turn(&mut self) -> anyhow::Result<()> {
        self.agent.handle_timeout(self.clock.now());
        self.drain()?;
        let mut buf = vec![0; 1 << 16];
        let local = self.socket.local_addr()?;
        while let Some((count, remote)) = datagram(&self.socket, &mut buf)? {
            self.take(Path::udp(local, remote), buf.get_mut(..count).unwrap_or_default());
        }
        for at in 0..self.wires.len() {
            let Some((id, path, wire)) = self.wires.get_mut(at) else { continue };
            let (id, path) = (*id, *path);
            match wire.receive() {
                Ok(all) => all.into_iter().for_each(|mut bytes| self.take(path, &mut bytes)),
                Err(_) => self.agent.handle_closed(self.clock.now(), id),
            }
        }
        self.drain()
    }

    fn take(&mut self, path: Path, bytes: &mut [u8]) {
        let now = self.clock.now();
        // What is not used is counted by the agent.
        let Ok(Some(inner)) = self.agent.unwrap(now, Datagram::new(path, now, bytes)) else {
            return;
        };
        if matches!(inner.data.first(), Some(0..=3)) {
            let _ = self.agent.handle_input(now, inner);
        } else {
            self.heard += 1;
        }
    }

    fn drain(&mut self) -> anyhow::Result<()> {
        while let Some(event) = self.agent.poll_event() {
            match event {
                Event::SocketWanted(request) => self.open(&request),
                Event::SocketReleased(id) => self.wires.retain(|(known, ..)| *known != id),
                Event::LocalCandidate(found) => {
                    self.lines.push(format!("candidate {}", candidate::write(&found)?));
                }
                Event::GatheringStateChanged(GatheringState::Complete) => {
                    self.lines.push("end".into());
                }
                _ => {}
            }
        }
        let mut buf = Vec::new();
        while let Some(transmit) = self.agent.poll_transmit(self.clock.now(), &mut buf) {
            self.send(transmit.path, &buf)?;
            buf.clear();
        }
        Ok(())
    }

    fn open(&mut self, request: &SocketRequest) {
        let SocketRequest { id, to, transport, .. } = *request;
        match Wire::connect(transport, to, &self.certificate) {
            Ok((wire, local)) => {
                self.wires.push((id, Path { local, remote: to, transport }, wire));
                self.agent.handle_opened(self.clock.now(), id, local);
            }
            Err(_) => self.agent.handle_closed(self.clock.now(), id),
        }
    }

    fn send(&mut self, path: Path, bytes: &[u8]) -> anyhow::Result<()> {
        let own = self.wires.iter_mut().find(|(_, known, _)| *known == path);
        match own {
            Some((.., wire)) => wire.send(bytes).context("to the relay"),
            None => match self.socket.send_to(bytes, path.remote) {
                // Of an earlier datagram: nobody listens there any more.
                Err(error) if error.kind() != ErrorKind::ConnectionRefused => Err(error.into()),
                _ => Ok(()),
            },
        }
    }
}

/// The next one, if there is one.
fn datagram(socket: &UdpSocket, buf: &mut [u8]) -> anyhow::Result<Option<(usize, SocketAddr)>> {
    match socket.recv_from(buf) {
        Ok(received) => Ok(Some(received)),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(None),
        Err(error) => Err(error.into()),
    }
}
