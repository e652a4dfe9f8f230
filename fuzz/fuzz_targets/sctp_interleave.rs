//! Interleaved messages of any scheduler, and chunks that a peer forges with all it knows: no
//! panic, and no more is held than the window allows.
#![no_main]

use arbitrary::Arbitrary;
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use sansio::{Datagram, Instant, Machine};
use sctp::chunk::{Chunk, Data, ForwardTsn, IData, IForwardTsn, Part, Skipped, SkippedMessage};
use sctp::packet::{Checksum, Header, Packet, PacketBuilder};
use sctp::{
    Association, Config, Mid, Order, Ppid, Reliability, Scheduler, SendOptions, Ssn, Status,
    StreamId, Tsn,
};
use testkit::SeededRng;

const WINDOW: usize = 20_000;

#[derive(Arbitrary, Debug)]
struct Input {
    interleaving: bool,
    scheduler: u8,
    steps: Vec<Step>,
}

#[derive(Arbitrary, Debug)]
enum Step {
    Send {
        stream: u8,
        len: u16,
        ordered: bool,
        retransmits: Option<u8>,
        worth: Option<u8>,
    },
    Priority {
        stream: u8,
        priority: u16,
    },
    Reset(u8),
    /// A chunk from the sender's side, which the sender did not write.
    Forge(Forged),
    Cross {
        packets: u8,
        lose: bool,
    },
    Back {
        packets: u8,
    },
    Read,
    Wait(u16),
}

#[derive(Arbitrary, Debug)]
struct Forged {
    /// From the first TSN of the sender.
    tsn: u16,
    stream: u8,
    /// Message and fragment; the upper half of the message numbers too.
    mid: i8,
    fsn: u8,
    begin: bool,
    end: bool,
    unordered: bool,
    len: u8,
    forward: bool,
}

/// A sender, a receiver that reads, and what the wire knows of them.
struct Pair {
    now: Instant,
    ends: [Association; 2],
    header: Option<Header>,
    first: Tsn,
    /// Payload that the receiver has handed over since it was last read empty.
    read: usize,
}

impl Pair {
    fn new(input: &Input) -> Self {
        let schedulers = [
            Scheduler::FirstComeFirstServed,
            Scheduler::RoundRobin,
            Scheduler::RoundRobinPerPacket,
            Scheduler::Priority,
            Scheduler::FairCapacity,
            Scheduler::WeightedFair,
        ];
        let config = Config {
            interleaving: input.interleaving,
            scheduler: schedulers[usize::from(input.scheduler) % schedulers.len()],
            receive_window: WINDOW,
            max_incoming_message_size: WINDOW,
            send_buffer: 2 * WINDOW,
            ..Config::default()
        };
        let end = |n| Association::new(config.clone(), Box::new(SeededRng::new(n)));
        let (now, ends) = (Instant::ZERO, [end(1), end(2)]);
        let mut pair = Self { now, ends, header: None, first: Tsn(0), read: 0 };
        pair.ends[0].connect(now);
        for _ in 0..4 {
            pair.cross(0, 1, false);
            pair.cross(1, 1, false);
        }
        assert_eq!(pair.ends[0].status(), Status::Connected);
        pair
    }

    fn cross(&mut self, from: usize, packets: u8, lose: bool) {
        for _ in 0..packets {
            let mut bytes = Vec::new();
            if self.ends[from].poll_transmit(self.now, &mut bytes).is_none() {
                return;
            }
            let packet = Packet::parse(&bytes, Checksum::Verify).expect("ours are well formed");
            if from == 0 {
                self.header = Some(packet.header).filter(|header| header.tag.0 != 0);
                if let Some(Ok(Chunk::Init(init))) = packet.chunks().next() {
                    self.first = init.initial_tsn;
                }
            }
            if !lose {
                let input = Datagram::new((), self.now, &mut bytes);
                let _ = self.ends[1 - from].handle_input(self.now, input);
            }
        }
    }

    fn forge(&mut self, forged: &Forged) {
        let Some(header) = self.header else { return };
        let mut bytes = Vec::new();
        let mut packet = PacketBuilder::new(&mut bytes, header, 1191);
        forged.write(self.first, self.ends[1].is_interleaving(), packet.out());
        packet.finish();
        let _ = self.ends[1].handle_input(self.now, Datagram::new((), self.now, &mut bytes));
    }

    fn read(&mut self) {
        let mut bytes = 0;
        while let Some(stream) = self.ends[1].readable() {
            bytes += self.ends[1].read(self.now, stream).expect("readable").payload.len();
        }
        assert!(bytes <= 2 * WINDOW, "{bytes} bytes were held");
        self.read += bytes;
    }
}

impl Forged {
    fn write(&self, first: Tsn, interleaved: bool, out: &mut Vec<u8>) {
        let tsn = first.plus(self.tsn.into());
        let (stream, mid) = (StreamId(self.stream.into()), Mid(i32::from(self.mid) as u32));
        let order = if self.unordered { Order::Unordered } else { Order::Ordered };
        let mut skipped = Vec::new();
        let payload = vec![7; self.len.into()];
        let ssn = Ssn::from(mid);
        match (self.forward, interleaved) {
            (true, true) => {
                SkippedMessage { stream, order, mid }.write(&mut skipped);
                IForwardTsn::new(tsn, &skipped).write(out);
            }
            (true, false) => {
                Skipped { stream, ssn }.write(&mut skipped);
                ForwardTsn::new(tsn, &skipped).write(out);
            }
            (false, true) => {
                let later = Part::Later(self.fsn.into());
                let part = if self.begin { Part::First(Ppid(1)) } else { later };
                let (end, unordered, payload) = (self.end, self.unordered, &payload[..]);
                IData { tsn, stream, mid, part, end, unordered, immediate: false, payload }
                    .write(out);
            }
            (false, false) => Data {
                tsn,
                stream,
                ssn,
                ppid: Ppid(1),
                begin: self.begin,
                end: self.end,
                unordered: self.unordered,
                immediate: false,
                payload: &payload,
            }
            .write(out),
        }
    }
}

fuzz_target!(|input: Input| {
    let mut pair = Pair::new(&input);
    for step in input.steps.iter().take(200) {
        let now = pair.now;
        match step {
            Step::Send { stream, len, ordered, retransmits, worth } => {
                let reliability = match (retransmits, worth) {
                    (Some(n), _) => Reliability::MaxRetransmits((*n).into()),
                    (_, Some(n)) => Reliability::Priority((*n).into()),
                    _ => Reliability::Reliable,
                };
                let order = if *ordered { Order::Ordered } else { Order::Unordered };
                let options = SendOptions { ppid: Ppid(53), order, reliability };
                let message = Bytes::from(vec![*stream; usize::from(*len) % WINDOW]);
                let _ = pair.ends[0].send(now, StreamId((*stream).into()), message, options);
            }
            Step::Priority { stream, priority } => {
                pair.ends[0].set_stream_priority(StreamId((*stream).into()), *priority);
            }
            Step::Reset(stream) => {
                pair.ends[0].reset_streams(now, &[StreamId((*stream).into())]);
            }
            Step::Forge(forged) => pair.forge(forged),
            Step::Cross { packets, lose } => pair.cross(0, *packets, *lose),
            Step::Back { packets } => pair.cross(1, *packets, false),
            Step::Read => pair.read(),
            Step::Wait(ms) => {
                pair.now += core::time::Duration::from_millis((*ms).into());
                let now = pair.now;
                pair.ends.iter_mut().for_each(|end| end.handle_timeout(now));
            }
        }
        for end in &mut pair.ends {
            while end.poll_event().is_some() {}
        }
    }
    pair.read();
});
