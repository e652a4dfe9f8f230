//! RTCP that leaves: reports, and what is asked of the other side.

use core::time::Duration;

use rtp::Ssrc;
use rtp::ntp::NtpTime;
use rtp::rtcp::{
    Goodbye, List, NackEntry, ReceiverReport, ReportBlock, SdesChunk, SdesItem, SdesKind,
    SourceDescription,
};
use sansio::Instant;

use super::media::Media;
use super::section::Section;
use crate::stats::MediaCounters;

/// What is due, and when.
#[derive(Debug, Default)]
pub(super) struct Reports {
    /// The next reports about all streams; `None`: nothing was sent or received since the last.
    pub(super) periodic: Option<Instant>,
    /// Section and stream that come next, when one datagram has no room for all.
    section: usize,
    stream: usize,
    /// The next transport-wide feedback.
    pub(super) feedback: Option<Instant>,
    /// A stream that the feedback may name as its media source.
    pub(super) feedback_source: Ssrc,
    /// The next look at what is missing.
    pub(super) requests: Option<Instant>,
    /// Streams that are asked for a whole picture.
    pub(super) keyframes: Vec<Ssrc>,
    /// Streams of ours that ended.
    pub(super) goodbyes: Vec<Ssrc>,
    /// State of the dither of intervals.
    dither: u32,
    /// Scratch of the requests, so that none allocates.
    pub(super) lost: Vec<u64>,
    pub(super) entries: Vec<NackEntry>,
    blocks: Vec<ReportBlock>,
    pub(super) counters: MediaCounters,
}

impl Reports {
    /// libwebrtc's for video. RFC 3550 §6.2's 5 s are from a time of multicast and small links.
    const INTERVAL: Duration = Duration::from_secs(1);
    /// The first reports: early, so that the other side can synchronize sound and picture.
    const FIRST: Duration = Duration::from_millis(250);
    /// Transport-wide feedback: what libwebrtc uses from 1.5 Mbit/s on.
    const FEEDBACK: Duration = Duration::from_millis(50);
    /// A stream that was silent for longer is not reported about.
    const RECENT: Duration = Duration::from_secs(5);
    /// Blocks in a report: 16 of 24 bytes fit behind what is `FULL`.
    const BLOCKS: usize = 16;
    /// Bytes after which no further part begins, so that a datagram stays below 1200.
    pub(super) const FULL: usize = 800;

    /// Something was sent or received that reports are about.
    pub(super) fn start(&mut self, now: Instant) {
        self.periodic.get_or_insert(now + Self::FIRST);
    }

    pub(super) fn feedback_wanted(&mut self, now: Instant, source: Ssrc) {
        self.feedback_source = source;
        self.feedback.get_or_insert(now + Self::FEEDBACK);
    }

    pub(super) fn request_at(&mut self, at: Instant) {
        self.requests = sooner(self.requests, Some(at));
    }

    pub(super) fn say_goodbye(&mut self, section: &Section) {
        if section.sender.counters.packets_sent > 0 {
            self.goodbyes.push(section.sender.source.ssrc);
        }
    }

    fn is_due(&self, now: Instant) -> bool {
        self.next().is_some_and(|at| at <= now)
    }

    fn next(&self) -> Option<Instant> {
        if !self.keyframes.is_empty() || !self.goodbyes.is_empty() {
            return Some(Instant::ZERO);
        }
        sooner(self.periodic, sooner(self.feedback, self.requests))
    }

    /// RFC 3550 §6.3.1: between a half and one and a half, so that nobody's reports march in step.
    fn interval(&mut self) -> Duration {
        self.dither = self.dither.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Self::INTERVAL / 2 + Self::INTERVAL * (self.dither >> 16) / (1 << 16)
    }
}

impl Media {
    /// Appends a datagram of RTCP, if any is due.
    pub(crate) fn poll_rtcp(&mut self, now: Instant, buf: &mut Vec<u8>) -> bool {
        if !self.reports.is_due(now) {
            return false;
        }
        let start = buf.len();
        self.write_reports(now, start, buf);
        let reported = buf.len();
        if reported == start && !self.sections.iter().all(|section| section.reduced_size) {
            self.write_nothing_to_report(buf);
        }
        let head = buf.len();
        self.write_keyframe_requests(buf);
        self.write_requests(now, start, buf);
        self.write_feedback(now, head, buf);
        if buf.len() == head {
            buf.truncate(reported);
        }
        let written = buf.len() > start;
        self.reports.counters.rtcp_sent += u64::from(written);
        written
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.reports.next()
    }

    /// Sender reports, receiver reports, our name, farewells: a compound packet (RFC 3550 §6.1).
    /// What is due exists only where a section does.
    fn write_reports(&mut self, now: Instant, start: usize, buf: &mut Vec<u8>) {
        let periodic = self.reports.periodic.is_some_and(|at| at <= now);
        if !periodic && self.reports.goodbyes.is_empty() {
            return;
        }
        let Some(ours) = self.sections.first().map(|section| section.sender.source.ssrc) else {
            return;
        };
        if !self.write_sender_reports(now, start, buf)
            || !self.write_receiver_reports(now, ours, start, buf)
        {
            // The others follow in the next datagram.
            return;
        }
        let any = buf.len() > start;
        if !any {
            ReceiverReport { ssrc: ours, blocks: List::EMPTY, extension: &[] }.write(buf);
        }
        self.write_names(ours, buf);
        (self.reports.section, self.reports.stream) = (0, 0);
        // With nothing to say, silence; the next packet starts it again.
        let interval = self.reports.interval();
        self.reports.periodic = any.then(|| now + interval);
    }

    /// What a compound packet begins with when only requests follow (RFC 3550 §6.1).
    fn write_nothing_to_report(&mut self, buf: &mut Vec<u8>) {
        if let Some(ours) = self.sections.first().map(|section| section.sender.source.ssrc) {
            ReceiverReport { ssrc: ours, blocks: List::EMPTY, extension: &[] }.write(buf);
            self.write_names(ours, buf);
        }
    }

    /// `false`: there are more than fit.
    fn write_sender_reports(&mut self, now: Instant, start: usize, buf: &mut Vec<u8>) -> bool {
        let unix = self.limits.unix_at_zero + now.saturating_since(Instant::ZERO);
        while let Some(section) = self.sections.get(self.reports.section) {
            if buf.len() - start > Reports::FULL {
                return false;
            }
            self.reports.section += 1;
            if let Some(report) = section.sender.report(now, NtpTime::from_unix(unix)) {
                report.write(buf);
            }
        }
        true
    }

    /// About the streams that were heard lately. `false`: there are more than fit.
    fn write_receiver_reports(
        &mut self,
        now: Instant,
        ours: Ssrc,
        start: usize,
        buf: &mut Vec<u8>,
    ) -> bool {
        loop {
            if buf.len() - start > Reports::FULL {
                return false;
            }
            let Self { streams, reports, .. } = self;
            reports.blocks.clear();
            while reports.blocks.len() < Reports::BLOCKS
                && let Some(stream) = streams.get_mut(reports.stream)
            {
                reports.stream += 1;
                if now.saturating_since(stream.last_received) < Reports::RECENT
                    && let Some(reception) = &mut stream.reception
                {
                    reports.blocks.push(reception.report(now, stream.ssrc));
                }
            }
            if reports.blocks.is_empty() {
                return true;
            }
            let blocks = List::new(&reports.blocks);
            ReceiverReport { ssrc: ours, blocks, extension: &[] }.write(buf);
        }
    }

    /// Our canonical name, and which of our streams ended (RFC 3550 §6.5.1, §6.6).
    fn write_names(&mut self, ours: Ssrc, buf: &mut Vec<u8>) {
        let name = SdesItem::new(SdesKind::CNAME, self.cname.as_bytes());
        let items = name.as_slice();
        SourceDescription::new(&[SdesChunk::new(ours, items)]).write(buf);
        if !self.reports.goodbyes.is_empty() {
            let sources = List::new(&self.reports.goodbyes);
            Goodbye { sources, reason: None }.write(buf);
            self.reports.goodbyes.clear();
        }
    }
}

/// The earlier of two times that may be set. Asked for with each packet, hence not an iterator.
fn sooner(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (set, None) | (None, set) => set,
    }
}
