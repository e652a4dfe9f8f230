//! Channels without what stands below: a bare association at the other end says what no peer of
//! ours would.

use core::time::Duration;

use bytes::Bytes;
use sctp::{Association, Order, Ppid, SendOptions, StreamId};
use testkit::{LinkConfig, Pair, SeededRng};

use super::channel::{ChannelId, DataChannelInit};
use super::dcep::{Dcep, Open, Reliability};
use super::fuzzing::ChannelMachine as Side;
use super::streams::Parity;
use super::transport::{DataTransport, Limits};
use crate::event::Event;

mod churn;
mod crowd;
mod early;
mod hostile;

const SECOND: Duration = Duration::from_secs(1);
const LIMITS: Limits = Limits { channels: 65_535, text: 1 << 20, early: 64 << 10 };

/// Our side, with odd stream ids, and whatever the other side is.
type Wire<B> = Pair<Side, B>;

fn side(limits: Limits, parity: Parity, seed: u64) -> Side {
    Side::start(limits, parity, Box::new(SeededRng::new(seed)))
}

/// Connected to a bare association.
fn bare(limits: Limits, config: sctp::Config) -> Wire<Association> {
    let association = Association::new(config, Box::new(SeededRng::new(2)));
    let link = LinkConfig::delayed(Duration::from_millis(10));
    let mut wire = Pair::new(side(limits, Parity::Odd, 1), association, link, 1);
    wire.run_for(SECOND);
    assert!(wire.a.0.connected);
    wire.b_events.clear();
    wire
}

/// The other side sends something on a stream.
fn say(wire: &mut Wire<Association>, stream: u16, ppid: u32, order: Order, bytes: &[u8]) {
    let options = SendOptions { ppid: Ppid(ppid), order, ..SendOptions::default() };
    let payload = Bytes::copy_from_slice(bytes);
    wire.b.send(wire.now, StreamId(stream), payload, options).unwrap();
}

fn open_message(label: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let (reliability, priority) = (Reliability::Reliable, 256);
    Dcep::Open(Open { ordered: true, reliability, priority, label, protocol: "" }).write(&mut out);
    out
}

/// The other side opens a channel; none may come of it.
fn open(wire: &mut Wire<Association>, stream: u16, label: &str) -> Option<ChannelId> {
    say(wire, stream, 50, Order::Ordered, &open_message(label));
    wire.run_for(SECOND);
    let opened = wire.a_events.iter().find_map(|event| match event {
        Event::DataChannel(id) => Some(*id),
        _ => None,
    });
    wire.a_events.clear();
    opened
}

/// What we read, as text.
fn read_all(wire: &mut Wire<Association>, id: ChannelId) -> Vec<String> {
    let now = wire.now;
    let messages = core::iter::from_fn(|| wire.a.0.read(now, id));
    messages.map(|message| String::from_utf8(message.data.to_vec()).unwrap()).collect()
}

fn was_reset(wire: &Wire<Association>, stream: u16) -> bool {
    wire.b_events.contains(&sctp::Event::IncomingStreamReset(StreamId(stream)))
}

/// Whether nothing holds the window that nobody will read.
fn is_clean(wire: &Wire<Association>) -> bool {
    wire.a.0.association.as_ref().unwrap().readable().is_none()
}
