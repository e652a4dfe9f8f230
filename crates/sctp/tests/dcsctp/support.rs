//! The pair of the two, and how it is spoken to.

use core::time::Duration;

use bytes::Bytes;
use dcsctp::api::{self, Options, SocketEvent, SocketState, SocketTime};
use patchcord_sctp::chunk::Chunk;
use patchcord_sctp::packet::{Checksum, Packet};
use patchcord_sctp::{Association, Config, Event, Order, Ppid, SendOptions, Status, StreamId};
use sansio::Instant;
use testkit::{Direction, LinkConfig, Pair, SeededRng};

use crate::socket::Dcsctp;

/// Ours is `a`, dcsctp is `b`.
pub(crate) type Mixed = Pair<Association, Dcsctp>;

/// A message as either side sees it: stream, PPID, payload.
pub(crate) type Seen = (u16, u32, Vec<u8>);

pub(crate) fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// The two sides, by which a test says who does something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Who {
    Ours,
    Theirs,
}

pub(crate) const EITHER: [Who; 2] = [Who::Ours, Who::Theirs];

/// Both sides, not connected.
pub(crate) fn pair(config: Config, options: &Options, link: LinkConfig, seed: u64) -> Mixed {
    let ours = Association::new(config, Box::new(SeededRng::new(seed)));
    Pair::new(ours, Dcsctp::new(options, seed), link, seed)
}

pub(crate) fn connect(pair: &mut Mixed, who: Who) {
    match who {
        Who::Ours => pair.a.connect(pair.now),
        Who::Theirs => on_time(pair).connect(),
    }
}

/// Both sides, connected by one of them; what happened until then is forgotten.
pub(crate) fn connected(
    config: Config,
    options: &Options,
    link: LinkConfig,
    (who, seed): (Who, u64),
) -> Mixed {
    let mut pair = pair(config, options, link, seed);
    connect(&mut pair, who);
    assert!(pair.run_until(both_stand, Duration::from_secs(60)), "not connected");
    pair.next_event();
    pair.a_events.clear();
    pair.b_events.clear();
    pair
}

/// The same with defaults, over a wire that takes 20 ms.
pub(crate) fn connected_by(who: Who) -> Mixed {
    connected(Config::default(), &Options::default(), LinkConfig::delayed(ms(20)), (who, 1))
}

pub(crate) fn both_stand(pair: &mut Mixed) -> bool {
    pair.a.status() == Status::Connected && pair.b.socket.state() == SocketState::Connected
}

/// dcsctp's socket, told the time: commands use what it was told last.
pub(crate) fn on_time(pair: &mut Mixed) -> &mut dyn api::DcSctpSocket {
    pair.b.socket.advance_time(SocketTime::zero() + (pair.now - Instant::ZERO));
    &mut *pair.b.socket
}

/// Bytes that tell the number of their message, and of which no two blocks are alike.
pub(crate) fn payload(number: u32, len: usize) -> Vec<u8> {
    let words = (0u32..).map(|at| (number << 20 ^ at).wrapping_mul(0x9e37_79b1));
    words.flat_map(u32::to_be_bytes).take(len).collect()
}

/// A message to send, either way.
pub(crate) struct Outgoing {
    pub(crate) seen: Seen,
    pub(crate) order: Order,
}

pub(crate) fn ordered(stream: u16, payload: &[u8]) -> Outgoing {
    Outgoing { seen: (stream, 53, payload.to_vec()), order: Order::Ordered }
}

/// Sends reliably.
pub(crate) fn send(pair: &mut Mixed, who: Who, message: &Outgoing) {
    let (stream, ppid, payload) = message.seen.clone();
    match who {
        Who::Ours => {
            let options =
                SendOptions { ppid: Ppid(ppid), order: message.order, ..Default::default() };
            pair.a.send(pair.now, StreamId(stream), Bytes::from(payload), options).unwrap();
        }
        Who::Theirs => {
            let unordered = message.order == Order::Unordered;
            let options = api::SendOptions { unordered, ..Default::default() };
            let message = api::Message::new(api::StreamId(stream), api::PpId(ppid), payload);
            on_time(pair).send(message, &options).unwrap();
        }
    }
}

/// Reads all that has arrived from `who`.
pub(crate) fn read_from(pair: &mut Mixed, who: Who) -> Vec<Seen> {
    let mut messages = Vec::new();
    match who {
        Who::Theirs => {
            while let Some(stream) = pair.a.readable() {
                let message = pair.a.read(pair.now, stream).unwrap();
                messages.push((stream.0, message.ppid.0, message.payload.to_vec()));
            }
        }
        Who::Ours => {
            while let Some(message) = on_time(pair).get_next_message() {
                messages.push((message.stream_id.0, message.ppid.0, message.payload));
            }
        }
    }
    messages
}

/// The types of the chunks that `who` has sent.
pub(crate) fn chunk_types(pair: &Mixed, who: Who) -> Vec<u8> {
    assert_eq!(pair.trace.forgotten(), 0);
    let direction = match who {
        Who::Ours => Direction::AToB,
        Who::Theirs => Direction::BToA,
    };
    let entries = pair.trace.entries().filter(|entry| entry.direction == direction);
    entries.flat_map(|entry| types_in(&entry.data)).collect()
}

fn types_in(bytes: &[u8]) -> Vec<u8> {
    let packet = Packet::parse(bytes, Checksum::AcceptZero).unwrap();
    let kind = |chunk: Chunk<'_>| {
        let mut bytes = Vec::new();
        chunk.write(&mut bytes);
        bytes[0]
    };
    packet.chunks().map(|chunk| kind(chunk.unwrap())).collect()
}

/// What happened to ours, but for what tells of messages.
pub(crate) fn our_events(pair: &Mixed) -> Vec<Event> {
    let routine = |event: &&Event| {
        !matches!(event, Event::BufferedAmountLow(_) | Event::Readable(_) | Event::Writable)
    };
    pair.a_events.iter().filter(routine).copied().collect()
}

/// What happened to dcsctp, in its words, but for what tells of messages.
pub(crate) fn their_events(pair: &Mixed) -> Vec<String> {
    let routine = |event: &&SocketEvent| {
        !matches!(
            event,
            SocketEvent::OnBufferedAmountLow(_) | SocketEvent::OnTotalBufferedAmountLow()
        )
    };
    pair.b_events.iter().filter(routine).map(|event| format!("{event:?}")).collect()
}

/// The same without complaints about packets that come when their association is over.
pub(crate) fn without_strays(mut events: Vec<String>) -> Vec<String> {
    events.retain(|event| {
        !(event.starts_with("OnError(ParseFailed") && event.contains("verification tag"))
    });
    events
}
