//! Arrival times, and the feedback about them.

use std::collections::VecDeque;

use sansio::Instant;

use super::symbols::{self, LARGE, NOT_RECEIVED, SMALL};
use crate::{Extender, SequenceNumber, Ssrc};

/// When packets of a transport arrived, until their sender was told.
///
/// A packet that comes after it was reported missing is reported once more, with those after it.
#[derive(Clone, Debug, Default)]
pub struct Arrivals {
    extender: Extender,
    /// The number of the first time in `times`.
    first: u64,
    /// The number that the next report begins with.
    next: u64,
    /// In ticks of 250 us.
    times: VecDeque<Option<u64>>,
    /// Feedback packets so far, modulo 256.
    count: u8,
    symbols: Vec<u8>,
    deltas: Vec<u8>,
}

impl Arrivals {
    /// Numbers about which something is kept. A larger jump starts anew.
    pub const WINDOW: usize = 8192;
    /// Reported numbers that are kept, for packets that come late.
    const KEPT: usize = 512;
    /// Bytes of deltas in a packet.
    const MAX_DELTAS: usize = 800;
    /// Numbers in a packet.
    const MAX_SYMBOLS: usize = 1000;
    /// Ticks of the reference time's unit, 64 ms.
    const TICKS: u64 = 256;

    /// A packet with this number arrived.
    pub fn received(&mut self, now: Instant, number: SequenceNumber) {
        let fresh = self.extender.highest().is_none();
        let number = self.extender.extend(number);
        if fresh {
            (self.first, self.next) = (number, number);
        }
        // A number before the first ones that are kept: reported long ago, or not ours to report.
        let Some(index) = number.checked_sub(self.first) else { return };
        let mut index = usize::try_from(index).unwrap_or(usize::MAX);
        if index >= Self::WINDOW {
            self.times.clear();
            (self.first, self.next) = (number, number);
            index = 0;
        }
        if index >= self.times.len() {
            self.times.resize(index.saturating_add(1), None);
        }
        if let Some(time) = self.times.get_mut(index)
            && time.is_none()
        {
            *time = Some(now.as_nanos() / 250_000);
            self.next = self.next.min(number);
        }
    }

    /// Whether there is something to report.
    pub fn has_pending(&self) -> bool {
        self.next < self.end()
    }

    /// Appends a feedback packet (draft §3.1) about what was not reported yet, of at most 1100
    /// bytes. `false`: there is nothing. Call it until then.
    pub fn write_feedback(&mut self, sender: Ssrc, media: Ssrc, out: &mut Vec<u8>) -> bool {
        let Some(reference) = self.reference() else {
            self.next = self.end();
            return false;
        };
        let base = self.next;
        let statuses = self.collect(reference);
        let start = out.len();
        out.extend_from_slice(&[0x80 | 15, 205, 0, 0]);
        out.extend_from_slice(&sender.0.to_be_bytes());
        out.extend_from_slice(&media.0.to_be_bytes());
        out.extend_from_slice(&SequenceNumber::from_extended(base).0.to_be_bytes());
        out.extend_from_slice(&statuses.to_be_bytes());
        // 24 bits, which wrap.
        let [.., r0, r1, r2] = reference.to_be_bytes();
        out.extend_from_slice(&[r0, r1, r2, self.count]);
        symbols::write(&self.symbols, out);
        out.extend_from_slice(&self.deltas);
        self.count = self.count.wrapping_add(1);
        finish(start, out);
        self.forget();
        true
    }

    /// The reference time: that of the first packet which came, in units of 64 ms.
    fn reference(&self) -> Option<u64> {
        let skip = usize::try_from(self.next.saturating_sub(self.first)).ok()?;
        let first = self.times.iter().skip(skip).flatten().next()?;
        Some(first / Self::TICKS)
    }

    /// Fills symbols and deltas, and moves on. How many numbers they are about.
    fn collect(&mut self, reference: u64) -> u16 {
        self.symbols.clear();
        self.deltas.clear();
        let skip = usize::try_from(self.next.saturating_sub(self.first)).unwrap_or_default();
        let mut last = reference.saturating_mul(Self::TICKS);
        for time in self.times.iter().skip(skip) {
            if self.deltas.len() >= Self::MAX_DELTAS || self.symbols.len() >= Self::MAX_SYMBOLS {
                break;
            }
            let Some(time) = *time else {
                self.symbols.push(NOT_RECEIVED);
                continue;
            };
            let delta = time.wrapping_sub(last).cast_signed();
            if let Ok(small) = u8::try_from(delta) {
                self.symbols.push(SMALL);
                self.deltas.push(small);
            } else if let Ok(large) = i16::try_from(delta) {
                self.symbols.push(LARGE);
                self.deltas.extend_from_slice(&large.to_be_bytes());
            } else {
                // More than 8 s apart: another packet, with a reference time of its own.
                break;
            }
            last = time;
        }
        let statuses = u16::try_from(self.symbols.len()).unwrap_or(u16::MAX);
        self.next = self.next.saturating_add(u64::from(statuses));
        statuses
    }

    /// Keeps a little of what was reported.
    fn forget(&mut self) {
        let reported = usize::try_from(self.next.saturating_sub(self.first)).unwrap_or_default();
        let old = reported.saturating_sub(Self::KEPT);
        self.times.drain(..old.min(self.times.len()));
        self.first = self.first.saturating_add(u64::try_from(old).unwrap_or_default());
    }

    fn end(&self) -> u64 {
        self.first.saturating_add(u64::try_from(self.times.len()).unwrap_or_default())
    }
}

/// Pads a packet to whole words, and writes its length.
fn finish(start: usize, out: &mut Vec<u8>) {
    let len = out.len().saturating_sub(start);
    let padding = len.next_multiple_of(4).saturating_sub(len);
    if padding > 0 {
        out.resize(out.len().saturating_add(padding).saturating_sub(1), 0);
        // RFC 3550 §6.4.1: the last byte counts the padding.
        out.push(u8::try_from(padding).unwrap_or_default());
        if let Some(first) = out.get_mut(start) {
            *first |= 0x20;
        }
    }
    let words = out.len().saturating_sub(start) / 4;
    let words = u16::try_from(words.saturating_sub(1)).unwrap_or(u16::MAX);
    if let Some(length) = out.get_mut(start.saturating_add(2)..).and_then(<[u8]>::first_chunk_mut) {
        *length = words.to_be_bytes();
    }
}

#[cfg(test)]
mod tests;
