//! Two associations in virtual time, and what the stories ask of them.
#![allow(dead_code, reason = "each story uses some of it")]

use core::time::Duration;

use bytes::Bytes;
use patchcord_sctp::chunk::Chunk;
use patchcord_sctp::packet::{Checksum, Packet};
use patchcord_sctp::{Association, Config, Message, Status, StreamId};
use sansio::Instant;
use testkit::{LinkConfig, Pair, SeededRng};

pub type Sctp = Pair<Association, Association>;

pub fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

pub fn association(config: Config, seed: u64) -> Association {
    Association::new(config, Box::new(SeededRng::new(seed)))
}

/// Two associations that are not connected.
pub fn pair_with(config: Config, link: LinkConfig, seed: u64) -> Sctp {
    let a = association(config.clone(), seed ^ 0xa);
    let b = association(config, seed ^ 0xb << 32);
    Pair::new(a, b, link, seed)
}

pub fn pair(link: LinkConfig, seed: u64) -> Sctp {
    pair_with(Config::default(), link, seed)
}

/// A message that tells which one it is.
pub fn payload(number: u32, len: usize) -> Bytes {
    let pattern = number.to_be_bytes().into_iter().chain(0..=255);
    pattern.cycle().take(len).collect()
}

/// Two associations that are connected; their events are forgotten.
pub fn connected_with(config: Config, link: LinkConfig, seed: u64) -> Sctp {
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

pub fn connected(link: LinkConfig, seed: u64) -> Sctp {
    connected_with(Config::default(), link, seed)
}

/// Reads all that is readable.
pub fn read_all(now: Instant, association: &mut Association) -> Vec<(StreamId, Message)> {
    let mut messages = Vec::new();
    while let Some(stream) = association.readable() {
        let message = association.read(now, stream).expect("a readable stream has a message");
        messages.push((stream, message));
    }
    messages
}

/// What the chunks of a packet are, in words.
pub fn chunks(bytes: &[u8]) -> String {
    let packet = match Packet::parse(bytes, Checksum::Verify) {
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
        Chunk::Unknown(chunk) => format!("type {}", chunk.kind()),
    };
    let names: Vec<String> = packet.chunks().map(|chunk| name(chunk.unwrap())).collect();
    names.join(", ")
}
