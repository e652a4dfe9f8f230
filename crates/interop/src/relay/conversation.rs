//! Our client on a server of coturn: it talks for some seconds, while its nonce expires again and
//! again, with a peer that returns what it hears, first in indications and then in a channel.

use std::{
    net::{SocketAddr, UdpSocket},
    path::Path,
    thread,
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use sansio::{Clock, Datagram, Machine, Transport};
use testkit::SeededRng;
use turn::client::{Client, CloseReason, Config, Event, State};

use super::wire::Wire;

/// Long enough for two nonces to expire.
const LENGTH: Duration = Duration::from_secs(6);

/// Between two words.
const PAUSE: Duration = Duration::from_millis(10);

struct Conversation {
    clock: Clock,
    client: Client,
    wire: Wire,
    heard: usize,
    stale: usize,
    closed: Option<CloseReason>,
}

/// Holds one; the note says what it came to.
pub(super) fn hold(
    transport: Transport,
    server: SocketAddr,
    certificate: &Path,
    limit: Duration,
) -> anyhow::Result<String> {
    let (wire, local) = Wire::connect(transport, server, certificate)?;
    let peers = [echo()?, echo()?];
    let clock = Clock::start();
    let path = sansio::Path { local, remote: server, transport };
    let rng = Box::new(SeededRng::new(u64::from(local.port())));
    let client = Client::new(clock.now(), path, Config::default(), ("user", "pass"), rng)?;
    let mut talk = Conversation { clock, client, wire, heard: 0, stale: 0, closed: None };
    talk.client.permit(peers[0].ip())?;
    let end = clock.now() + limit;
    while talk.client.state() != State::Allocated {
        talk.turn()?;
        ensure!(talk.clock.now() < end, "no allocation");
    }
    let allocated = clock.now();
    let (mut said, mut in_channel, mut next) = (0, 0, allocated);
    while clock.now() < allocated + LENGTH {
        talk.turn()?;
        let now = clock.now();
        if now >= next {
            next = now + PAUSE;
            in_channel += usize::from(talk.say(peers[0])?);
            said += 1;
        }
        // What is asked for later meets a nonce that has expired.
        if now >= allocated + LENGTH / 2 {
            talk.client.bind(peers[0])?;
        }
        if now >= allocated + LENGTH * 3 / 4 {
            talk.client.bind(peers[1])?;
        }
    }
    let waited = clock.now();
    let answered = |talk: &Conversation| talk.heard == said && talk.client.is_bound(peers[1]);
    while !answered(&talk) && clock.now() < waited + Duration::from_secs(5) {
        talk.turn()?;
    }
    ensure!(talk.heard == said, "{} of {said} words came back", talk.heard);
    ensure!(in_channel > 0 && in_channel < said, "{in_channel} of {said} in the channel");
    ensure!(talk.client.is_bound(peers[1]), "the second channel does not stand");
    ensure!(talk.stale > 0, "no nonce has expired");
    talk.client.close(clock.now());
    while talk.closed.is_none() {
        talk.turn()?;
        ensure!(talk.clock.now() < end, "it does not close");
    }
    ensure!(talk.closed == Some(CloseReason::Closed), "{:?}", talk.closed);
    let milliseconds = (allocated - sansio::Instant::ZERO).as_millis();
    let stale = talk.stale;
    Ok(format!(
        "{said} words, {in_channel} in the channel, {stale} stale nonces, {milliseconds} ms to allocate"
    ))
}

impl Conversation {
    /// Sends and receives what there is.
    fn turn(&mut self) -> anyhow::Result<()> {
        let mut buf = Vec::new();
        self.client.handle_timeout(self.clock.now());
        while self.client.poll_transmit(self.clock.now(), &mut buf).is_some() {
            self.wire.send(&buf)?;
            buf.clear();
        }
        for mut bytes in self.wire.receive()? {
            let (now, path) = (self.clock.now(), self.client.path());
            self.stale += usize::from(is_stale(&bytes));
            match self.client.unwrap(now, Datagram::new(path, now, &mut bytes)) {
                Ok(Some(said)) => self.heard += usize::from(said.data.starts_with(b"word")),
                Ok(None) => {}
                Err(discard) => bail!("not used: {discard}"),
            }
        }
        while let Some(event) = self.client.poll_event() {
            match event {
                Event::Closed(reason) => self.closed = Some(reason),
                Event::PermissionRefused { .. } | Event::ChannelRefused { .. } => {
                    bail!("{event:?}")
                }
                _ => {}
            }
        }
        match &self.closed {
            Some(reason) if *reason != CloseReason::Closed => bail!("closed: {reason}"),
            _ => Ok(()),
        }
    }

    /// Says a word; whether it went in a channel.
    fn say(&mut self, peer: SocketAddr) -> anyhow::Result<bool> {
        // The permission goes out first.
        self.turn()?;
        let way = self.client.way(peer).context("no way to the peer")?;
        let mut buf = vec![0; way.head()];
        buf.extend_from_slice(b"word of odd length");
        self.client.wrap(way, &mut buf, 0)?;
        self.wire.send(&buf)?;
        Ok(way.is_channel())
    }
}

fn is_stale(bytes: &[u8]) -> bool {
    let message = stun::Message::parse(bytes).ok();
    let code = message.and_then(|message| message.get::<stun::ErrorCode<'_>>().ok().flatten());
    code.is_some_and(|code| code.code() == 438)
}

/// A peer that returns what it hears, until the program ends.
fn echo() -> anyhow::Result<SocketAddr> {
    let socket = UdpSocket::bind(("127.0.0.1", 0))?;
    let address = socket.local_addr()?;
    thread::spawn(move || {
        let mut buf = [0; 2048];
        while let Ok((count, source)) = socket.recv_from(&mut buf) {
            let _ = socket.send_to(&buf[..count], source);
        }
    });
    Ok(address)
}
