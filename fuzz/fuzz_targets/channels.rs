//! Channels over an association whose other end says anything at all, on a wire that loses: no
//! panic, bounds hold, amounts are true, and in the end every channel can be closed.
#![no_main]

use core::time::Duration;

use arbitrary::Arbitrary;
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use peer::{ChannelId, ChannelMachine, DataChannelInit, Event, Message, Priority};
use sansio::{Datagram, Instant, Machine};
use sctp::{Association, Order, Ppid, SendOptions, StreamId};
use testkit::SeededRng;

const CHANNELS: usize = 6;
const TEXT: usize = 200;
const EARLY: usize = 2000;

#[derive(Arbitrary, Debug)]
enum Step<'a> {
    /// The other side sends; low streams are more interesting than high ones.
    Say {
        stream: u8,
        ppid: u8,
        unordered: bool,
        bytes: &'a [u8],
    },
    /// It opens a channel, well formed.
    Open {
        stream: u8,
        kind: u8,
        label: &'a str,
    },
    Reset(u8),
    Create {
        label: &'a str,
        negotiated: Option<u8>,
        ordered: bool,
        retransmits: Option<u8>,
        priority: u16,
    },
    Send {
        channel: u8,
        len: u16,
        text: bool,
    },
    Read(u8),
    Threshold(u8, u16),
    Close(u8),
    /// Time passes; datagrams whose bit is set are lost.
    Wait {
        ms: u16,
        lost: u16,
    },
}

struct Wire {
    now: Instant,
    channels: ChannelMachine,
    other: Association,
    ids: Vec<ChannelId>,
}

fuzz_target!(|steps: Vec<Step<'_>>| {
    let rng = Box::new(SeededRng::new(1));
    let config = sctp::Config { inbound_streams: 300, ..sctp::Config::default() };
    let mut wire = Wire {
        now: Instant::ZERO,
        channels: ChannelMachine::new(CHANNELS, TEXT, EARLY, rng),
        other: Association::new(config, Box::new(SeededRng::new(2))),
        ids: Vec::new(),
    };
    for step in steps.into_iter().take(128) {
        wire.step(step);
        wire.check();
    }
    wire.finish();
});

impl Wire {
    fn step(&mut self, step: Step<'_>) {
        let now = self.now;
        match step {
            Step::Say { stream, ppid, unordered, bytes } => {
                let order = if unordered { Order::Unordered } else { Order::Ordered };
                self.say(stream, u32::from(ppid % 16) + 45, order, bytes);
            }
            Step::Open { stream, kind, label } => {
                let len = u16::try_from(label.len()).unwrap_or(u16::MAX);
                let mut open = vec![3, kind, 1, 0, 0, 0, 0, kind];
                open.extend(len.to_be_bytes());
                open.extend([0, 0]);
                open.extend(label.as_bytes());
                self.say(stream, 50, Order::Ordered, &open);
            }
            Step::Reset(stream) => self.other.reset_streams(now, &[StreamId(stream.into())]),
            Step::Create { label, negotiated, ordered, retransmits, priority } => {
                let init = DataChannelInit {
                    ordered,
                    max_retransmits: retransmits.map(Into::into),
                    negotiated: negotiated.is_some(),
                    id: negotiated.map(Into::into),
                    priority: Priority(priority),
                    ..DataChannelInit::default()
                };
                self.ids.extend(self.channels.create(now, label, &init));
            }
            Step::Send { channel, len, text } => {
                let Some(id) = self.id(channel) else { return };
                let data = vec![b'x'; usize::from(len) * 4];
                let message = match text {
                    true => Message::text(String::from_utf8(data).unwrap_or_default()),
                    false => Message::binary(data),
                };
                let _ = self.channels.send(now, id, message);
            }
            Step::Read(channel) => {
                let Some(id) = self.id(channel) else { return };
                let _ = self.channels.read(now, id);
            }
            Step::Threshold(channel, bytes) => {
                let Some(id) = self.id(channel) else { return };
                self.channels.set_threshold(id, bytes.into());
            }
            Step::Close(channel) => {
                let Some(id) = self.id(channel) else { return };
                self.channels.close(now, id);
            }
            Step::Wait { ms, lost } => {
                self.now += Duration::from_millis(ms.into());
                self.exchange(lost);
            }
        }
    }

    fn say(&mut self, stream: u8, ppid: u32, order: Order, bytes: &[u8]) {
        let options = SendOptions { ppid: Ppid(ppid), order, ..SendOptions::default() };
        let payload = Bytes::copy_from_slice(bytes);
        let _ = self.other.send(self.now, StreamId(stream.into()), payload, options);
    }

    fn id(&self, channel: u8) -> Option<ChannelId> {
        let at = usize::from(channel).checked_rem(self.ids.len())?;
        self.ids.get(at).copied()
    }

    /// Carries what both have to say, for some rounds.
    fn exchange(&mut self, mut lost: u16) {
        let (now, mut buf) = (self.now, Vec::new());
        self.channels.handle_timeout(now);
        self.other.handle_timeout(now);
        for _ in 0..8 {
            for _ in 0..64 {
                buf.clear();
                if self.channels.poll_transmit(now, &mut buf).is_none() {
                    break;
                }
                lost = lost.rotate_left(1);
                if lost & 1 == 0 {
                    let _ = self.other.handle_input(now, Datagram::new((), now, &mut buf));
                }
            }
            for _ in 0..64 {
                buf.clear();
                if self.other.poll_transmit(now, &mut buf).is_none() {
                    break;
                }
                lost = lost.rotate_left(1);
                if lost & 1 == 0 {
                    let _ = self.channels.handle_input(now, Datagram::new((), now, &mut buf));
                }
            }
            self.take_events();
        }
    }

    fn take_events(&mut self) {
        while let Some(event) = self.channels.poll_event() {
            match event {
                Event::DataChannel(id) => self.ids.push(id),
                Event::ChannelClosed(id) => self.ids.retain(|known| *known != id),
                _ => {}
            }
        }
        while self.other.poll_event().is_some() {}
    }

    fn check(&self) {
        let (text, early) = self.channels.held();
        assert!(self.channels.channel_count() <= CHANNELS && text <= TEXT && early <= EARLY);
        for &id in &self.ids {
            assert!(self.channels.buffered_amount(id) <= 3 << 20);
        }
    }

    /// A wire that loses nothing, and another side that closes what we close.
    fn finish(&mut self) {
        for _ in 0..100 {
            self.take_events();
            for id in core::mem::take(&mut self.ids) {
                self.channels.close(self.now, id);
                self.ids.push(id);
            }
            let all: Vec<StreamId> = (0..300).map(StreamId).collect();
            for &stream in &all {
                while self.other.read(self.now, stream).is_some() {}
            }
            self.other.reset_streams(self.now, &all);
            self.now += Duration::from_secs(2);
            self.exchange(0);
            if self.channels.channel_count() == 0 && self.channels.held() == (0, 0) {
                return;
            }
        }
        if self.other.status() == sctp::Status::Connected {
            panic!("{} channels, {:?} bytes", self.channels.channel_count(), self.channels.held());
        }
    }
}
