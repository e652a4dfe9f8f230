//! What a stream's structures hold, whatever arrives whenever.

use std::time::Duration;

use sansio::Instant;

use crate::rtp::ntp::NtpTime;
use crate::rtp::reception::Reception;
use crate::rtp::repair::{Arrival, History, Missing};
use crate::rtp::rtcp::{self, Packet, ReportBlock};
use crate::rtp::transport_wide::Arrivals;
use crate::rtp::{Extender, SequenceNumber, Ssrc};

/// Steps of four bytes: what, how long after the last one (ms), and a number.
pub(crate) fn steps(bytes: &[u8]) {
    let mut all = Structures::new(bytes.len());
    for &[what, wait, a, b] in bytes.as_chunks().0.iter().take(4096) {
        all.now += Duration::from_millis(u64::from(wait));
        let number = u16::from_be_bytes([a, b]);
        match what % 8 {
            // Near what came last, so that streams go on.
            0..=3 => {
                all.last = all.last.plus(number % 64).plus(u16::MAX - 15);
                all.receive(all.last);
            }
            4 => all.receive(SequenceNumber(number)),
            5 => all.ask(),
            6 => all.report(number),
            _ => all.missing.set_round_trip_time(Duration::from_millis(u64::from(number))),
        }
    }
    all.ask();
    all.report(0);
}

struct Structures {
    now: Instant,
    last: SequenceNumber,
    received: u64,
    extender: Extender,
    history: History<u64>,
    missing: Missing,
    reception: Reception,
    arrivals: Arrivals,
}

impl Structures {
    fn new(seed: usize) -> Self {
        Self {
            now: Instant::ZERO,
            last: SequenceNumber(seed as u16),
            received: 0,
            extender: Extender::default(),
            history: History::new(256),
            missing: Missing::default(),
            reception: Reception::new([0, 8000, 90_000, u32::MAX][seed % 4]),
            arrivals: Arrivals::default(),
        }
    }

    fn receive(&mut self, number: SequenceNumber) {
        let highest = self.extender.highest();
        let extended = self.extender.extend(number);
        assert_eq!(SequenceNumber::from_extended(extended), number);
        self.received += 1;
        self.history.insert(extended, extended);
        assert!(self.history.get(extended).is_none_or(|kept| *kept == extended));
        self.arrivals.received(self.now, number);
        self.reception.received(self.now, extended, u32::from(number.0) * 960);
        assert!(self.reception.lost() >= -(self.received as i64));
        let arrival = self.missing.received(self.now, extended);
        let ahead = highest.is_none_or(|highest| extended > highest);
        assert_eq!(ahead, matches!(arrival, Arrival::New | Arrival::Jump));
        // What came is not asked for again.
        assert_eq!(self.missing.received(self.now, extended) == Arrival::TooOld, {
            arrival == Arrival::TooOld
        });
    }

    fn ask(&mut self) {
        let mut lost = Vec::new();
        let mut calls = 0;
        while self.missing.poll_timeout().is_some_and(|due| due <= self.now) {
            let before = lost.len();
            self.missing.poll(self.now, &mut lost);
            assert!(lost.len() - before <= Missing::MAX_REQUEST);
            calls += 1;
            assert!(calls <= 16, "a drain ends");
        }
        assert!(lost.len() <= Missing::MAX_MISSING);
        assert!(lost.iter().all(|number| Some(*number) < self.extender.highest()));
        lost.sort_unstable();
        lost.windows(2).for_each(|pair| assert_ne!(pair[0], pair[1], "asked once a call"));
    }

    fn report(&mut self, number: u16) {
        if number.is_multiple_of(3) {
            let time = NtpTime(u64::from(number) << 40);
            self.reception.handle_sender_report(self.now, time);
        }
        let block = self.reception.report(self.now, Ssrc(1));
        assert_eq!(ReportBlock::from(<[u8; ReportBlock::LEN]>::from(block)), block);
        assert!(self.reception.jitter() <= Duration::MAX);
        let mut packets = 0;
        let mut out = Vec::new();
        while self.arrivals.write_feedback(Ssrc(1), Ssrc(2), &mut out) {
            assert!(out.len() <= 1100);
            let Some(Ok(Packet::TransportFeedback(feedback))) = rtcp::packets(&out).next() else {
                unreachable!("it was just written")
            };
            assert_eq!(feedback.packets().count(), usize::from(feedback.count));
            packets += 1;
            assert!(packets <= Arrivals::WINDOW, "a drain ends");
            out.clear();
        }
        assert!(out.is_empty() && !self.arrivals.has_pending());
    }
}
