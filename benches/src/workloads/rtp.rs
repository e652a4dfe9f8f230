//! RTP headers with four one-byte extensions; RTCP transport-wide feedback for 200 packets.

mod limit;
mod patchcord;
#[cfg(feature = "contenders")]
mod rivals;

use std::hint::black_box;

use crate::bench::{Bench, OURS, Unit};
use crate::race::Entry;

const PAYLOAD: usize = 1100;
const SSRC: u32 = 0x1122_3344;
const TIMESTAMP: u32 = 1000;
/// MID, absolute send time, transport sequence number, audio level.
const EXTENSIONS: [(u8, &[u8]); 4] = [(4, b"0"), (2, &[1, 2, 3]), (3, &[0x12, 0x34]), (1, &[0x85])];
const SEQUENCE_NUMBER: u16 = 7;
/// Packets in the feedback, of which every tenth is lost, and the others come 1 ms apart.
const REPORTED: u16 = 200;
const REPORTED_RECEIVED: usize = 180;
/// In units of 250 us.
const REPORTED_DELTAS: i64 = 720;

trait Rtp {
    /// Parses; the sum of sequence number, payload length and all bytes of the four extensions.
    fn parse(&self, packet: &[u8]) -> usize;
    /// Writes a packet with this sequence number, the extensions and the payload.
    fn write(&self, seq: u16, payload: &[u8], out: &mut Vec<u8>);
}

type Contender = (&'static str, Box<dyn Rtp>);

/// Parses feedback and walks its packets: how many were received, and the sum of the deltas.
type Feedback = fn(&[u8]) -> (usize, i64);

fn packets() -> Vec<Contender> {
    let all = [
        vec![
            (OURS, Box::new(patchcord::Ours) as Box<dyn Rtp>),
            (limit::NAME, Box::new(limit::Limit)),
        ],
        #[cfg(feature = "contenders")]
        rivals::packets(),
    ];
    all.into_iter().flatten().collect()
}

fn feedbacks() -> Vec<(&'static str, Feedback)> {
    let all = [
        vec![(OURS, patchcord::feedback as Feedback), (limit::NAME, limit::feedback)],
        #[cfg(feature = "contenders")]
        rivals::feedbacks(),
    ];
    all.into_iter().flatten().collect()
}

pub(crate) fn run(bench: &mut Bench<'_>) {
    let payload = vec![0x5a; PAYLOAD];
    let mut reference = Vec::new();
    limit::Limit.write(SEQUENCE_NUMBER, &payload, &mut reference);
    let all = packets();
    let (mut parse, mut write) = (Vec::new(), Vec::new());
    for (name, contender) in &all {
        verify(name, &**contender, &reference);
        parse.push(Entry::timed(*name, || {
            black_box(contender.parse(black_box(&reference)));
        }));
        let (payload, mut out) = (&payload, Vec::new());
        write.push(Entry::timed(*name, move || {
            contender.write(SEQUENCE_NUMBER, black_box(payload), black_box(&mut out));
        }));
    }
    bench.case("parse header", Unit::Nanos, 21, parse);
    bench.case("write header", Unit::Nanos, 21, write);

    let packet = feedback_packet();
    let mut entries = Vec::new();
    for (name, parse) in feedbacks() {
        assert_eq!(parse(&packet), (REPORTED_RECEIVED, REPORTED_DELTAS), "{name}");
        let packet = &packet;
        entries.push(Entry::timed(name, move || {
            black_box(parse(black_box(packet)));
        }));
    }
    bench.case("parse feedback", Unit::Nanos, 21, entries);
}

fn verify(name: &str, contender: &dyn Rtp, reference: &[u8]) {
    let extensions = EXTENSIONS.iter().flat_map(|extension| extension.1);
    let sum = extensions.map(|&byte| usize::from(byte)).sum::<usize>();
    let expected = usize::from(SEQUENCE_NUMBER) + PAYLOAD + sum;
    assert_eq!(contender.parse(reference), expected, "{name}");
    let mut out = Vec::new();
    contender.write(SEQUENCE_NUMBER, &[0x5a; PAYLOAD], &mut out);
    assert_eq!(out, reference, "{name}");
}

/// Transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01) in vectors of
/// seven two-bit symbols, with small deltas.
fn feedback_packet() -> Vec<u8> {
    let received: Vec<bool> = (0..REPORTED).map(|i| i % 10 != 9).collect();
    let mut body = [SSRC.to_be_bytes(), SSRC.to_be_bytes()].concat();
    body.extend(100_u16.to_be_bytes()); // base sequence number
    body.extend(REPORTED.to_be_bytes());
    body.extend([0, 0, 9, 7]); // reference time, feedback count
    for seven in received.chunks(7) {
        let symbols = seven.iter().enumerate();
        let chunk = symbols.fold(0xc000, |c, (i, got)| c | u16::from(*got) << (12 - 2 * i));
        body.extend(chunk.to_be_bytes());
    }
    body.extend(received.iter().filter(|got| **got).map(|_| 4_u8));
    body.resize(body.len().next_multiple_of(4), 0);
    let mut packet = vec![0x8f, 205];
    packet.extend((body.len() as u16 / 4).to_be_bytes());
    packet.extend(body);
    packet
}
