//! RTCP that leaves: what is asked of the other side, and feedback about the path.

use rtp::SequenceNumber;
use rtp::rtcp::{Fir, FirEntry, List, Nack, NackEntry, Pli};
use sansio::Instant;

use super::media::Media;
use super::reports::Reports;
use super::stream::{Role, Stream};
use crate::media::TransceiverId;

impl Media {
    /// Asks for a whole picture of each stream of a transceiver that has been heard. `false`: no
    /// such transceiver.
    pub(crate) fn request_keyframe(&mut self, id: TransceiverId) -> bool {
        let Some(index) = self.index(id) else { return false };
        let heard =
            |s: &&Stream| s.section == index && s.role == Role::Media && s.reception.is_some();
        for stream in self.streams.iter().filter(heard) {
            if !self.reports.keyframes.contains(&stream.ssrc) {
                self.reports.keyframes.push(stream.ssrc);
            }
        }
        true
    }

    /// `PLI` where it was agreed on, else `FIR`.
    pub(super) fn write_keyframe_requests(&mut self, buf: &mut Vec<u8>) {
        for ssrc in core::mem::take(&mut self.reports.keyframes) {
            let Some(stream) = self.streams.index(ssrc).and_then(|i| self.streams.get_mut(i))
            else {
                continue;
            };
            let Some(section) = self.sections.get(stream.section) else { continue };
            let sender_ssrc = section.sender.source.ssrc;
            let feedback = section.codecs.first().map(|codec| codec.feedback).unwrap_or_default();
            if feedback.pli {
                stream.counters.pli_count += 1;
                Pli { sender_ssrc, media_ssrc: ssrc }.write(buf);
            } else if feedback.fir {
                stream.counters.fir_count += 1;
                stream.fir = stream.fir.wrapping_add(1);
                let entries = [FirEntry { ssrc, sequence_number: stream.fir }];
                Fir { sender_ssrc, entries: List::new(&entries) }.write(buf);
            }
        }
    }

    /// `NACK` for what is missing (RFC 4585 §6.2.1).
    pub(super) fn write_requests(&mut self, now: Instant, start: usize, buf: &mut Vec<u8>) {
        if self.reports.requests.is_none_or(|at| at > now) {
            return;
        }
        let Self { streams, sections, reports, .. } = self;
        reports.requests = None;
        for stream in streams.iter_mut() {
            let Some(missing) = &mut stream.missing else { continue };
            if missing.poll_timeout().is_some_and(|at| at <= now)
                && buf.len() - start <= Reports::FULL
            {
                reports.lost.clear();
                missing.poll(now, &mut reports.lost);
                if let (Some(section), false) =
                    (sections.get(stream.section), reports.lost.is_empty())
                {
                    let lost = reports.lost.iter().map(|n| SequenceNumber::from_extended(*n));
                    reports.entries.clear();
                    NackEntry::pack(lost, &mut reports.entries);
                    let entries = List::new(&reports.entries);
                    let sender_ssrc = section.sender.source.ssrc;
                    Nack { sender_ssrc, media_ssrc: stream.ssrc, entries }.write(buf);
                    stream.counters.nack_count += 1;
                }
            }
            if let Some(at) = missing.poll_timeout() {
                reports.request_at(at);
            }
        }
    }

    pub(super) fn write_feedback(&mut self, now: Instant, start: usize, buf: &mut Vec<u8>) {
        if self.reports.feedback.is_none_or(|at| at > now) || buf.len() > start {
            return;
        }
        let ours = self.sections.first().map(|s| s.sender.source.ssrc).unwrap_or_default();
        self.arrivals.write_feedback(ours, self.reports.feedback_source, buf);
        if !self.arrivals.has_pending() {
            self.reports.feedback = None;
        }
    }
}
