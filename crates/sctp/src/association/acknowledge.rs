//! Acknowledgement of what arrived, RFC 9260 §6.2, §6.7.

use sansio::Instant;

use super::state::{Association, State};
use super::timers::Timer;
use crate::chunk::{GapBlock, Sack};
use crate::packet::PacketBuilder;
use crate::serial::Tsn;

/// Duplicates that a SACK reports at most. They only inform (RFC 9260 §6.2).
const MAX_DUPLICATES: usize = 16;

/// When to acknowledge, and what else to say then.
#[derive(Debug, Default)]
pub(super) struct AckState {
    /// Packets with DATA since the last SACK.
    packets: u8,
    /// The packet at hand brought DATA.
    data: bool,
    /// The packet at hand must be acknowledged without delay.
    immediate: bool,
    /// A SACK is to be sent.
    pub(super) due: bool,
    /// The window that the last SACK advertised.
    advertised: usize,
    duplicates: Vec<Tsn>,
    /// Gap blocks and duplicates as they are written.
    encoded: Vec<u8>,
}

impl AckState {
    /// DATA arrived in the packet at hand.
    pub(super) fn data(&mut self, immediate: bool) {
        self.data = true;
        self.immediate |= immediate;
    }

    pub(super) fn duplicate(&mut self, tsn: Tsn) {
        // §6.2: at once; the other side did not get our SACK.
        self.data(true);
        if self.duplicates.len() < MAX_DUPLICATES {
            self.duplicates.push(tsn);
        }
    }

    /// Whether DATA arrived that no SACK has acknowledged.
    pub(super) fn is_waiting(&self) -> bool {
        self.due || self.packets > 0
    }
}

impl Association {
    /// All chunks of a packet are processed: is it time to acknowledge?
    pub(super) fn packet_done(&mut self, now: Instant) {
        if !core::mem::take(&mut self.ack.data) {
            return;
        }
        self.ack.packets = self.ack.packets.saturating_add(1);
        // §6.2: at least every second packet, and at once when something is missing.
        let immediate = core::mem::take(&mut self.ack.immediate)
            || self.reassembly.has_gap()
            || matches!(self.state, State::ShutdownSent);
        if immediate || self.ack.packets >= 2 {
            self.ack.due = true;
        } else if !self.timers.is_running(Timer::Ack) {
            self.timers.set(Timer::Ack, now + self.config.ack_delay);
        }
        if matches!(self.state, State::ShutdownSent) {
            // §9.2: SHUTDOWN goes with it, in case it was lost.
            self.pending.shutdown = true;
        }
    }

    /// The application read: if the window was small, the other side learns that there is room
    /// (§6.2), but not for crumbs.
    pub(super) fn window_opened(&mut self) {
        let (window, total) = (self.window(), self.receive_window.size());
        if self.can_receive()
            && self.ack.advertised < total / 2
            && window >= self.ack.advertised + total / 4
        {
            self.ack.due = true;
        }
    }

    /// Free bytes in our receive buffer. When unfinished messages fill it, and nothing is missing
    /// and nothing there to read, only more can free it: some is lent then.
    fn window(&self) -> usize {
        let size = self.receive_window.size();
        let held = self.delivery.held() + self.reassembly.held();
        let unfinished = self.is_interleaving()
            && self.delivery.readable().is_none()
            && !self.reassembly.has_gap();
        let lent = if unfinished { self.reassembly.lendable(held) } else { 0 };
        size.saturating_sub(held).max(lent)
    }

    /// Appends a SACK, with as many gap blocks as fit.
    pub(super) fn write_sack(&mut self, packet: &mut PacketBuilder<'_>) {
        let Some(mut room) = packet.room().checked_sub(Sack::MIN_LEN) else { return };
        let (cumulative, window) = (self.reassembly.cumulative(), self.window());
        let ack = &mut self.ack;
        ack.encoded.clear();
        for run in self.reassembly.runs() {
            let offsets = [run.first, run.last].map(|tsn| u16::try_from(tsn.since(cumulative)));
            let [Ok(start), Ok(end)] = offsets else { break };
            if room < GapBlock::LEN {
                break;
            }
            room -= GapBlock::LEN;
            GapBlock { start, end }.write(&mut ack.encoded);
        }
        let gaps = ack.encoded.len();
        for tsn in ack.duplicates.drain(..).take(room / 4) {
            ack.encoded.extend_from_slice(&tsn.0.to_be_bytes());
        }
        let (gaps, duplicates) = ack.encoded.split_at(gaps);
        let advertised = u32::try_from(window).unwrap_or(u32::MAX);
        Sack::new(cumulative, advertised, gaps, duplicates).write(packet.out());
        ack.advertised = window;
        self.reassembly.promise(window);
        ack.packets = 0;
        ack.due = false;
        self.timers.stop(Timer::Ack);
    }
}
