//! RTCP that arrived.

use core::time::Duration;
use std::collections::VecDeque;

use rtp::Ssrc;
use rtp::ntp::NtpTime;
use rtp::rtcp::{self, Packet, ReportBlock};
use sansio::Instant;

use super::discard::MediaDiscard;
use super::media::Media;
use super::section::Section;
use crate::event::Event;

impl Media {
    /// Takes a datagram of RTCP that was decrypted and authenticated. Of several packets, one good
    /// one makes it `Ok`.
    pub(crate) fn handle_rtcp(
        &mut self,
        now: Instant,
        bytes: &[u8],
        events: &mut VecDeque<Event>,
    ) -> Result<(), MediaDiscard> {
        let (mut used, mut bad) = (false, None);
        for packet in rtcp::packets(bytes) {
            match packet {
                Ok(packet) => {
                    used = true;
                    self.reports.counters.rtcp_received += 1;
                    self.handle_control(now, &packet, events);
                }
                Err(error) => {
                    self.reports.counters.rtcp_discarded += 1;
                    bad = Some(error);
                }
            }
        }
        match bad {
            Some(error) if !used => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn handle_control(&mut self, now: Instant, packet: &Packet<'_>, events: &mut VecDeque<Event>) {
        match packet {
            Packet::SenderReport(report) => {
                let stream = self.streams.index(report.ssrc).and_then(|i| self.streams.get_mut(i));
                if let Some(reception) = stream.and_then(|stream| stream.reception.as_mut()) {
                    reception.handle_sender_report(now, report.ntp);
                }
                for block in report.blocks.iter() {
                    self.handle_report(now, &block);
                }
            }
            Packet::ReceiverReport(report) => {
                for block in report.blocks.iter() {
                    self.handle_report(now, &block);
                }
            }
            Packet::Nack(nack) => self.repair(nack.media_ssrc, nack.lost().map(|n| n.0)),
            Packet::Pli(pli) => {
                if let Some(section) = self.sent_by(pli.media_ssrc) {
                    section.sender.counters.pli_count += 1;
                    events.push_back(Event::KeyframeRequested(section.id));
                }
            }
            Packet::Fir(fir) => {
                for entry in fir.entries.iter() {
                    self.handle_fir(entry.ssrc, entry.sequence_number, events);
                }
            }
            Packet::Remb(remb) => {
                self.reports.counters.available_outgoing_bitrate = Some(remb.bitrate);
            }
            Packet::TransportFeedback(_) => {
                self.reports.counters.transport_feedback_received += 1;
            }
            _ => {}
        }
    }

    /// What the other side says about a stream of ours (RFC 3550 §6.4.1).
    fn handle_report(&mut self, now: Instant, block: &ReportBlock) {
        let unix = self.limits.unix_at_zero + now.saturating_since(Instant::ZERO);
        let Some(section) = self.sent_by(block.ssrc) else { return };
        let sender = &mut section.sender;
        sender.known = true;
        if block.ssrc != sender.source.ssrc {
            return;
        }
        sender.counters.fraction_lost = f32::from(block.fraction_lost) / 256.0;
        sender.counters.packets_lost = i64::from(block.cumulative_lost);
        if block.last_sender_report != 0 {
            let arrival = NtpTime::from_unix(unix).middle_32();
            let units = arrival
                .wrapping_sub(block.delay_since_last_sender_report)
                .wrapping_sub(block.last_sender_report);
            // Clocks that disagree by a little make it negative.
            if units < 1 << 31 {
                let nanos = (u64::from(units) * 1_000_000_000) >> 16;
                sender.counters.round_trip_time = Some(Duration::from_nanos(nanos));
            }
        }
    }

    fn repair(&mut self, ssrc: Ssrc, lost: impl Iterator<Item = u16>) {
        let ours = |section: &Section| section.sender.source.ssrc == ssrc;
        let Some(index) = self.sections.iter().position(ours) else {
            self.reports.counters.rtcp_discarded += 1;
            return;
        };
        let Self { sections, outgoing, .. } = self;
        let Some(section) = sections.get_mut(index) else { return };
        section.sender.counters.nack_count += 1;
        for low in lost {
            outgoing.push_repair(index, section.sender.continuity.recall(low));
        }
    }

    /// RFC 5104 §4.3.1.2: the same number again is the same request again.
    fn handle_fir(&mut self, ssrc: Ssrc, number: u8, events: &mut VecDeque<Event>) {
        let Some(section) = self.sent_by(ssrc) else { return };
        if section.sender.fir.replace(number) != Some(number) {
            section.sender.counters.fir_count += 1;
            events.push_back(Event::KeyframeRequested(section.id));
        }
    }

    fn sent_by(&mut self, ssrc: Ssrc) -> Option<&mut Section> {
        let ours = |s: &Section| s.sender.source.ssrc == ssrc || s.sender.source.rtx == ssrc;
        let found = self.sections.iter_mut().find(|section| ours(section));
        if found.is_none() {
            self.reports.counters.rtcp_discarded += 1;
        }
        found
    }
}
