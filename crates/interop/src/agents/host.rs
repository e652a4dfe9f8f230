//! Our side: an agent, its sockets, a clock.

use std::{
    io::ErrorKind,
    net::{SocketAddr, TcpListener, UdpSocket},
    path::PathBuf,
};

use anyhow::Context;
use ice::{
    Agent, Config, Credentials, Event, Framing, GatheringState, RelayId, RelayServer, Role,
    SocketId, SocketRequest, TcpType,
};
use sansio::{Clock, Datagram, Machine, Path, Transport};
use testkit::SeededRng;

use super::{candidate, stream::Stream};
use crate::relay::{self, Wire};

pub(super) struct Host {
    pub(super) agent: Agent,
    clock: Clock,
    socket: UdpSocket,
    /// Where a passive candidate of ours is.
    listener: Option<TcpListener>,
    others: Vec<Other>,
    /// Of the servers of relays.
    certificate: PathBuf,
    /// What is to be signalled.
    pub(super) lines: Vec<String>,
    /// Words of the other side.
    pub(super) heard: usize,
}

/// A socket that the agent has asked for, or a connection that was accepted.
struct Other {
    id: Option<SocketId>,
    path: Path,
    carrier: Carrier,
}

enum Carrier {
    Relay(Wire),
    Stream(Stream),
}

impl Host {
    pub(super) fn start(config: Config, role: Role, certificate: PathBuf) -> anyhow::Result<Self> {
        let socket = UdpSocket::bind(("127.0.0.1", 0))?;
        socket.set_nonblocking(true)?;
        let (clock, local) = (Clock::start(), socket.local_addr()?);
        let mut agent = Agent::new(config, SeededRng::boxed(u64::from(local.port())));
        agent.set_role(clock.now(), role);
        agent.add_local_candidate(clock.now(), local)?;
        let (listener, others, lines) = (None, Vec::new(), Vec::new());
        Ok(Self { agent, clock, socket, listener, others, certificate, lines, heard: 0 })
    }

    pub(super) fn add_tcp(&mut self, tcp_type: TcpType) -> anyhow::Result<()> {
        let mut address = self.socket.local_addr()?;
        if tcp_type == TcpType::Passive {
            let listener = TcpListener::bind(("127.0.0.1", 0))?;
            listener.set_nonblocking(true)?;
            address = listener.local_addr()?;
            self.listener = Some(listener);
        }
        Ok(self.agent.add_tcp_candidate(self.clock.now(), tcp_type, address)?)
    }

    pub(super) fn add_relay(
        &mut self,
        transport: Transport,
        server: &relay::Program,
    ) -> anyhow::Result<()> {
        self.agent.add_relay(
            self.clock.now(),
            RelayServer {
                id: RelayId(0),
                addresses: vec![server.address(transport)],
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
        let Some(transmit) = self.agent.wrap(self.clock.now(), route, &mut buf, 0) else {
            return Ok(false);
        };
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
        self.accept()?;
        let mut others = std::mem::take(&mut self.others);
        others.retain_mut(|other| self.read(other));
        // What was opened meanwhile comes last.
        others.append(&mut self.others);
        self.others = others;
        self.drain()
    }

    fn accept(&mut self) -> anyhow::Result<()> {
        let Some(listener) = &self.listener else { return Ok(()) };
        if let Ok((tcp, remote)) = listener.accept() {
            let path = Path { local: listener.local_addr()?, remote, transport: Transport::Tcp };
            let carrier = Carrier::Stream(Stream::new(tcp)?);
            self.others.push(Other { id: None, path, carrier });
        }
        Ok(())
    }

    /// Takes what has come; whether there may be more.
    fn read(&mut self, other: &mut Other) -> bool {
        let received = match &mut other.carrier {
            Carrier::Relay(wire) => wire.receive(),
            Carrier::Stream(stream) => stream.receive(),
        };
        match (received, other.id) {
            (Ok(all), _) => {
                all.into_iter().for_each(|mut bytes| self.take(other.path, &mut bytes));
                return true;
            }
            (Err(_), Some(id)) => self.agent.handle_closed(self.clock.now(), id),
            (Err(_), None) => self.agent.handle_stream_closed(self.clock.now(), other.path),
        }
        false
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
                Event::SocketReleased(id) => self.others.retain(|other| other.id != Some(id)),
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
        let SocketRequest { id, to, transport, framing, .. } = *request;
        let Some(to) = to.address() else {
            return self.agent.handle_closed(self.clock.now(), id);
        };
        let opened = if framing == Framing::Rfc4571 {
            Stream::connect(to).map(|(stream, local)| (Carrier::Stream(stream), local))
        } else {
            Wire::connect(transport, to, &self.certificate)
                .map(|(wire, local)| (Carrier::Relay(wire), local))
        };
        match opened {
            Ok((carrier, local)) => {
                let path = Path { local, remote: to, transport };
                self.others.push(Other { id: Some(id), path, carrier });
                self.agent.handle_opened(self.clock.now(), id, path);
            }
            Err(_) => self.agent.handle_closed(self.clock.now(), id),
        }
    }

    fn send(&mut self, path: Path, bytes: &[u8]) -> anyhow::Result<()> {
        let other = self.others.iter_mut().find(|other| other.path == path);
        match other.map(|other| &mut other.carrier) {
            Some(Carrier::Relay(wire)) => wire.send(bytes).context("to the relay"),
            Some(Carrier::Stream(stream)) => stream.send(bytes),
            None if path.transport != Transport::Udp => Ok(()),
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
