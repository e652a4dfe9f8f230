//! The same work by hand, over slices, without a check.

use super::{EXTENSIONS, Rtp, SSRC, TIMESTAMP};

pub(super) const NAME: &str = "LIMIT by hand over slices";

pub(super) struct Limit;

impl Rtp for Limit {
    fn parse(&self, packet: &[u8]) -> usize {
        let mut at = 12 + 4 * usize::from(packet[0] & 15);
        let mut total = usize::from(u16::from_be_bytes([packet[2], packet[3]]));
        if packet[0] & 0x10 != 0 {
            let words = u16::from_be_bytes([packet[at + 2], packet[at + 3]]);
            let end = at + 4 + 4 * usize::from(words);
            extensions(&packet[at + 4..end], |_, value| total += sum(value));
            at = end;
        }
        total + packet.len() - at
    }

    fn write(&self, seq: u16, payload: &[u8], out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(&[0x90, 96]);
        out.extend_from_slice(&seq.to_be_bytes());
        out.extend_from_slice(&TIMESTAMP.to_be_bytes());
        out.extend_from_slice(&SSRC.to_be_bytes());
        out.extend_from_slice(&[0xbe, 0xde, 0, 3]);
        extension_block(out);
        out.extend_from_slice(payload);
    }
}

/// Walks one-byte extensions (RFC 8285 §4.2).
pub(super) fn extensions(mut data: &[u8], mut each: impl FnMut(u8, &[u8])) {
    while let Some((&first, rest)) = data.split_first() {
        data = rest;
        if first != 0 {
            let (value, rest) = rest.split_at(usize::from(first & 15) + 1);
            each(first >> 4, value);
            data = rest;
        }
    }
}

pub(super) fn extension_block(out: &mut Vec<u8>) {
    let start = out.len();
    for (id, value) in EXTENSIONS {
        out.push(id << 4 | (value.len() as u8 - 1));
        out.extend_from_slice(value);
    }
    out.resize(start + (out.len() - start).next_multiple_of(4), 0);
}

pub(super) fn sum(bytes: &[u8]) -> usize {
    bytes.iter().map(|&byte| usize::from(byte)).sum()
}

pub(super) fn feedback(packet: &[u8]) -> (usize, i64) {
    let mut left = usize::from(u16::from_be_bytes([packet[14], packet[15]]));
    let (mut at, mut received) = (20, 0);
    while left > 0 {
        let chunk = u16::from_be_bytes([packet[at], packet[at + 1]]);
        let n = left.min(7);
        received += (0..n).filter(|i| chunk >> (12 - 2 * i) & 3 == 1).count();
        left -= n;
        at += 2;
    }
    (received, packet[at..at + received].iter().map(|&delta| i64::from(delta)).sum())
}
