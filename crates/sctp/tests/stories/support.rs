//! Two associations in virtual time, and what the stories ask of them.
use core::time::Duration;

use bytes::Bytes;
use patchcord_sctp::chunk::{Chunk, CookieEcho, Data, GapBlock, Init, ReConfig, Sack};
use patchcord_sctp::packet::{Checksum, Header, Packet, PacketBuilder};
use patchcord_sctp::parameter::{ForwardTsnSupported, Parameter, Parameters, SupportedExtensions};
use patchcord_sctp::{
    Association, Config, CongestionControl, Discard, Event, Message, Ppid, Scheduler, SendOptions,
    Ssn, Status, StreamId, Tag, Tsn,
};
use sansio::{Datagram, Instant, Machine};
use testkit::{LinkConfig, Pair, SeededRng};

pub(crate) type Sctp = Pair<Association, Association>;

pub(crate) fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// A controller whose window is easily told, and packets that leave when it allows.
pub(crate) fn plain() -> Config {
    let congestion_control = CongestionControl::NewReno;
    Config { congestion_control, pacing: false, ..Config::default() }
}

/// All of them.
pub(crate) const SCHEDULERS: [Scheduler; 6] = [
    Scheduler::FirstComeFirstServed,
    Scheduler::RoundRobin,
    Scheduler::RoundRobinPerPacket,
    Scheduler::Priority,
    Scheduler::FairCapacity,
    Scheduler::WeightedFair,
];

pub(crate) fn association(config: Config, seed: u64) -> Association {
    Association::new(config, Box::new(SeededRng::new(seed)))
}

/// Two associations that are not connected.
pub(crate) fn pair_with(config: Config, link: LinkConfig, seed: u64) -> Sctp {
    let a = association(config.clone(), seed ^ 0xa);
    let b = association(config, seed ^ 0xb << 32);
    Pair::new(a, b, link, seed)
}

pub(crate) fn pair(link: LinkConfig, seed: u64) -> Sctp {
    pair_with(Config::default(), link, seed)
}

/// A message that tells which one it is, if it has four bytes.
pub(crate) fn payload(number: u32, len: usize) -> Bytes {
    let mut bytes = vec![number as u8; len];
    let head = len.min(4);
    bytes[..head].copy_from_slice(&number.to_be_bytes()[..head]);
    bytes.into()
}

/// Two associations that are connected; their events are forgotten.
pub(crate) fn connected_with(config: Config, link: LinkConfig, seed: u64) -> Sctp {
    let mut pair = pair_with(config, link, seed);
    pair.a.connect(pair.now);
    let done =
        |p: &mut Sctp| p.a.status() == Status::Connected && p.b.status() == Status::Connected;
    assert!(pair.run_until(done, Duration::from_secs(120)), "not connected");
    pair.next_event();
    pair.a_events.clear();
    pair.b_events.clear();
    pair.trace.clear();
    pair
}

pub(crate) fn connected(link: LinkConfig, seed: u64) -> Sctp {
    connected_with(Config::default(), link, seed)
}

/// Forgets of events that buffered amounts fell to zero.
pub(crate) fn without_low(events: &[Event]) -> Vec<Event> {
    events.iter().copied().filter(|event| !matches!(event, Event::BufferedAmountLow(_))).collect()
}

/// Reads all that is readable.
pub(crate) fn read_all(now: Instant, association: &mut Association) -> Vec<(StreamId, Message)> {
    let mut messages = Vec::new();
    while let Some(stream) = association.readable() {
        let message = association.read(now, stream).expect("a readable stream has a message");
        messages.push((stream, message));
    }
    messages
}

/// What the chunks of a packet are, in words.
pub(crate) fn chunks(bytes: &[u8]) -> String {
    let packet = match Packet::parse(bytes, Checksum::AcceptZero) {
        Ok(packet) => packet,
        Err(error) => return error.to_string(),
    };
    let name = |chunk: Chunk<'_>| match chunk {
        Chunk::Data(_) => "DATA".into(),
        Chunk::Init(_) => "INIT".into(),
        Chunk::InitAck(_) => "INIT ACK".into(),
        Chunk::Sack(sack) if sack.gap_blocks().next().is_some() => "SACK with gaps".into(),
        Chunk::Sack(_) => "SACK".into(),
        Chunk::Heartbeat(_) => "HEARTBEAT".into(),
        Chunk::HeartbeatAck(_) => "HEARTBEAT ACK".into(),
        Chunk::Abort(_) => "ABORT".into(),
        Chunk::Shutdown(_) => "SHUTDOWN".into(),
        Chunk::ShutdownAck(_) => "SHUTDOWN ACK".into(),
        Chunk::Error(_) => "ERROR".into(),
        Chunk::CookieEcho(_) => "COOKIE ECHO".into(),
        Chunk::CookieAck(_) => "COOKIE ACK".into(),
        Chunk::ShutdownComplete(_) => "SHUTDOWN COMPLETE".into(),
        Chunk::ReConfig(_) => "RE-CONFIG".into(),
        Chunk::ForwardTsn(_) => "FORWARD TSN".into(),
        Chunk::IData(_) => "I-DATA".into(),
        Chunk::IForwardTsn(_) => "I-FORWARD-TSN".into(),
        Chunk::Pad(_) => "PAD".into(),
        Chunk::Unknown(chunk) => format!("type {}", chunk.kind()),
    };
    let names: Vec<String> = packet.chunks().map(|chunk| name(chunk.unwrap())).collect();
    names.join(", ")
}

/// Plays the other side by hand: an association, and a test that writes its packets.
pub(crate) struct Puppet {
    pub(crate) sctp: Association,
    pub(crate) now: Instant,
    /// What the association expects in packets.
    pub(crate) tag: Tag,
    /// The association's initial TSN.
    pub(crate) their_tsn: Tsn,
}

/// Tag and initial TSN of the puppet.
pub(crate) const PUPPET_TAG: Tag = Tag(0x1234_5678);
pub(crate) const TSN: Tsn = Tsn(1000);

impl Puppet {
    /// An association that nobody has connected to.
    pub(crate) fn new(config: Config) -> Self {
        let (sctp, now) = (association(config, 1), Instant::from_millis(1000));
        Self { sctp, now, tag: Tag(0), their_tsn: Tsn(0) }
    }

    /// The puppet, which knows RFC 3758 and RFC 6525, has connected to the association.
    pub(crate) fn connected(config: Config) -> Self {
        let mut parameters = Vec::new();
        ForwardTsnSupported.write(&mut parameters);
        let chunk_types = &[ReConfig::TYPE];
        SupportedExtensions { chunk_types }.write(&mut parameters);
        Self::connected_with(config, &parameters)
    }

    /// The same with other capabilities.
    pub(crate) fn connected_with(config: Config, parameters: &[u8]) -> Self {
        let mut puppet = Self::new(config);
        let cookie = puppet.init(&init(parameters));
        puppet.send(&[Chunk::CookieEcho(CookieEcho { cookie: &cookie })]).unwrap();
        assert_eq!(puppet.receive(), ["COOKIE ACK"]);
        assert_eq!(puppet.events(), [Event::Connected]);
        puppet
    }

    /// With the controller whose window is easily told, and without pacing.
    pub(crate) fn default() -> Self {
        Self::connected(plain())
    }

    /// Sends INIT and returns the cookie of the answer.
    pub(crate) fn init(&mut self, init: &Init<'_>) -> Vec<u8> {
        self.send_tagged(Tag(0), &[Chunk::Init(*init)]).unwrap();
        let packets = self.packets();
        let packet = Packet::parse(&packets[0], Checksum::Verify).unwrap();
        assert_eq!(packet.header.tag, init.tag);
        let Some(Ok(Chunk::InitAck(ack))) = packet.chunks().next() else {
            panic!("{}", chunks(&packets[0]))
        };
        (self.tag, self.their_tsn) = (ack.0.tag, ack.0.initial_tsn);
        let cookie = ack.0.parameters.iter().find_map(|p| match p {
            Parameter::StateCookie(p) => Some(p.cookie.to_vec()),
            _ => None,
        });
        cookie.unwrap()
    }

    pub(crate) fn send(&mut self, chunks: &[Chunk<'_>]) -> Result<(), Discard> {
        self.send_tagged(self.tag, chunks)
    }

    pub(crate) fn send_tagged(&mut self, tag: Tag, chunks: &[Chunk<'_>]) -> Result<(), Discard> {
        let mut bytes = packet(tag, chunks);
        self.sctp.handle_input(self.now, Datagram::new((), self.now, &mut bytes))
    }

    /// Lets time pass, with the timers of the association.
    pub(crate) fn wait(&mut self, duration: Duration) {
        let end = self.now + duration;
        while let Some(due) = self.sctp.poll_timeout().filter(|due| *due <= end) {
            self.now = due;
            self.sctp.handle_timeout(due);
            assert!(self.sctp.poll_timeout().is_none_or(|next| next > due), "timers rest");
        }
        self.now = end;
    }

    /// The packets that the association has to send.
    pub(crate) fn packets(&mut self) -> Vec<Vec<u8>> {
        let mut packets = Vec::new();
        let mut buf = Vec::new();
        while let Some(transmit) = self.sctp.poll_transmit(self.now, &mut buf) {
            assert_eq!(transmit.len, buf.len());
            packets.push(core::mem::take(&mut buf));
        }
        assert!(buf.is_empty());
        packets
    }

    /// The same in words.
    pub(crate) fn receive(&mut self) -> Vec<String> {
        self.packets().iter().map(|packet| chunks(packet)).collect()
    }

    /// What happened, but for buffered amounts that fell to zero.
    pub(crate) fn events(&mut self) -> Vec<Event> {
        let events: Vec<_> = core::iter::from_fn(|| self.sctp.poll_event()).collect();
        without_low(&events)
    }

    pub(crate) fn read_all(&mut self) -> Vec<(StreamId, Message)> {
        read_all(self.now, &mut self.sctp)
    }

    /// Takes a message to send on stream 0.
    pub(crate) fn queue(&mut self, payload: Bytes) {
        self.sctp.send(self.now, StreamId(0), payload, SendOptions::default()).unwrap();
    }

    /// Acknowledges the association's first `n` chunks, and runs of further ones.
    pub(crate) fn sack(&mut self, n: u32, window: u32, gaps: &[(u16, u16)]) -> Result<(), Discard> {
        let mut blocks = Vec::new();
        for &(start, end) in gaps {
            GapBlock { start, end }.write(&mut blocks);
        }
        let tsn = self.their_tsn.previous().plus(n);
        self.send(&[Chunk::Sack(Sack::new(tsn, window, &blocks, &[]))])
    }
}

/// The puppet's INIT.
pub(crate) fn init(parameters: &[u8]) -> Init<'_> {
    Init {
        tag: PUPPET_TAG,
        window: 1 << 20,
        outbound_streams: 100,
        inbound_streams: 100,
        initial_tsn: TSN,
        parameters: Parameters::parse(parameters).unwrap(),
    }
}

/// A message in one chunk, the `n`th of the puppet, on stream 0.
pub(crate) fn data(n: u32, payload: &[u8]) -> Data<'_> {
    Data {
        tsn: TSN.plus(n),
        stream: StreamId(0),
        ssn: Ssn(n as u16),
        ppid: Ppid(53),
        begin: true,
        end: true,
        unordered: false,
        immediate: false,
        payload,
    }
}

/// A packet on the wire.
pub(crate) fn packet(tag: Tag, chunks: &[Chunk<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let header = Header { source_port: 5000, destination_port: 5000, tag };
    let mut packet = PacketBuilder::new(&mut bytes, header, usize::MAX);
    for chunk in chunks {
        chunk.write(packet.out());
    }
    packet.finish();
    bytes
}
