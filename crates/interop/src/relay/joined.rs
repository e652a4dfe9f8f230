//! Our client on a server of coturn, with TCP connections to a peer and from one (RFC 6062). Either
//! returns what it hears.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    thread,
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use sansio::{Clock, Datagram, Instant, Machine, Transport};
use testkit::SeededRng;
use turn::{
    AddressFamily,
    attribute::ConnectionId,
    client::{Client, Config, Event, Relaying},
};

use super::wire::Wire;

/// What goes through each connection and comes back, bytes.
const SIZE: usize = 100_000;

struct Call<'a> {
    clock: Clock,
    client: Client,
    /// The one of the allocation first, then those that are to be joined.
    wires: Vec<(Option<ConnectionId>, sansio::Path, Wire)>,
    joined: Vec<(SocketAddr, Wire)>,
    certificate: &'a Path,
    end: Instant,
}

/// Holds the call; the note says what it came to.
pub(super) fn hold(
    transport: Transport,
    server: SocketAddr,
    certificate: &Path,
    limit: Duration,
) -> anyhow::Result<String> {
    let (wire, local) = Wire::connect(transport, server, certificate)?;
    let clock = Clock::start();
    let path = sansio::Path { local, remote: server, transport };
    let rng = SeededRng::boxed(u64::from(local.port()));
    let config = Config { relaying: Relaying::Connections, ..Config::default() };
    let mut client = Client::new(clock.now(), path, config, ("user", "pass"), rng)?;
    let peer = listening_peer()?;
    client.connect(peer)?;
    client.permit(peer.ip())?;
    let (wires, joined, end) = (vec![(None, path, wire)], Vec::new(), clock.now() + limit);
    let mut call = Call { clock, client, wires, joined, certificate, end };
    while call.joined.is_empty() {
        call.turn()?;
    }
    let relayed = call.client.relayed(AddressFamily::Ipv4).context("no relayed address")?;
    let coming = TcpStream::connect(relayed)?;
    let other = coming.local_addr()?;
    thread::spawn(move || give_back(coming));
    while call.joined.len() < 2 {
        call.turn()?;
    }
    let peers: Vec<_> = call.joined.iter().map(|(peer, _)| *peer).collect();
    ensure!(peers == [peer, other], "joined with {peers:?}");
    for (peer, wire) in call.joined {
        talk(wire, limit).with_context(|| format!("with {peer}"))?;
    }
    Ok(format!("{SIZE} bytes to a peer that was called, and to one that called, and back"))
}

impl Call<'_> {
    /// Sends and receives what there is.
    fn turn(&mut self) -> anyhow::Result<()> {
        let now = self.clock.now();
        ensure!(now < self.end, "joined with {} peers", self.joined.len());
        self.client.handle_timeout(now);
        let mut buf = Vec::new();
        while let Some(transmit) = self.client.poll_transmit(self.clock.now(), &mut buf) {
            let wire = self.wires.iter_mut().find(|(_, path, _)| *path == transmit.path);
            wire.context("a request for no connection")?.2.send(&buf)?;
            buf.clear();
        }
        for (_, path, wire) in &mut self.wires {
            for mut bytes in wire.receive()? {
                let now = self.clock.now();
                self.client.handle_input(now, Datagram::new(*path, now, &mut bytes))?;
            }
        }
        while let Some(event) = self.client.poll_event() {
            self.follow(event)?;
        }
        Ok(())
    }

    fn follow(&mut self, event: Event) -> anyhow::Result<()> {
        match event {
            Event::ConnectionWanted { id, .. } => {
                let control = self.client.path();
                let (server, transport) = (control.remote, control.transport);
                let (wire, local) = Wire::connect(transport, server, self.certificate)?;
                let path = sansio::Path { local, ..control };
                self.wires.push((Some(id), path, wire));
                ensure!(self.client.handle_opened(self.clock.now(), id, path), "not wanted");
            }
            Event::Connected { id, peer, .. } => {
                let index = self.wires.iter().position(|(known, ..)| *known == Some(id));
                let (_, _, wire) = self.wires.remove(index.context("an unknown connection")?);
                self.joined.push((peer, wire));
            }
            Event::ConnectionRefused { .. } | Event::PermissionRefused { .. } => bail!("{event:?}"),
            Event::Closed(reason) => bail!("closed: {reason}"),
            _ => {}
        }
        Ok(())
    }
}

/// What is said comes back.
fn talk(wire: Wire, limit: Duration) -> anyhow::Result<()> {
    let started = std::time::Instant::now();
    let (mut stream, mut back) = wire.into_stream()?;
    let said: Vec<u8> = (0..SIZE).map(|n| (n % 251) as u8).collect();
    // Less than any buffer on the way holds.
    for part in said.chunks(4096) {
        stream.write_all(part)?;
        stream.flush()?;
        let wanted = back.len() + part.len();
        let mut buf = [0; 4096];
        while back.len() < wanted {
            ensure!(started.elapsed() < limit, "only {} bytes came back", back.len());
            let count = match stream.read(&mut buf) {
                // A read waits for a moment only.
                Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                read => read?,
            };
            ensure!(count > 0, "closed after {} bytes", back.len());
            back.extend_from_slice(buf.get(..count).unwrap_or_default());
        }
    }
    ensure!(back == said, "what came back is not what was said");
    Ok(())
}

/// A peer that waits for a connection.
fn listening_peer() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || listener.accept().map(|(stream, _)| give_back(stream)));
    Ok(address)
}

fn give_back(mut stream: TcpStream) {
    let mut buf = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut buf) {
        if stream.write_all(buf.get(..count).unwrap_or_default()).is_err() {
            break;
        }
    }
}
