//! Questions for names of others, RFC 6762 §5.2.
//!
//! ```text
//!   0        1 s            3 s                        7 s                      15 s
//!   ├─ QU ───┼─ QM ─────────┼─ QM ─────────────────────┼─ QM ────── … ──────────┤ nobody answers
//! ```

use core::time::Duration;

use sansio::Instant;

use super::mdns::{Asked, Event, Mdns};
use crate::Name;
use crate::message::Kind;
use crate::writer::Writer;

/// Between two questions, each twice as long as the one before.
const INTERVALS: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

/// Names in a datagram: 12 + 16 × (44 + 4 + 2 + 4) = 876 bytes, which any link carries whole.
const NAMES: usize = 16;

/// A name that is being asked for.
#[derive(Debug)]
pub(super) struct Inquiry {
    /// How often it was asked for.
    asked: usize,
    /// When to ask again, or to give up.
    next: Instant,
}

/// Why a name is not asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError {
    /// As many are asked for as the configuration allows.
    #[error("{0} names are asked for already")]
    TooMany(usize),
}

impl Inquiry {
    pub(super) fn timeout(&self) -> Instant {
        self.next
    }
}

impl Asked {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut writer = Writer::query(out);
        for &name in &self.names {
            writer.question(name, Kind::A, self.unicast).question(name, Kind::Aaaa, self.unicast);
        }
    }
}

impl Mdns {
    /// Asks for the addresses of a name. [`Event::Resolved`] has the answer: at once, if it is a name
    /// of ours or was heard of lately.
    ///
    /// Asking begins at once: the pause of RFC 6762 §5.2 is for many hosts that are switched on
    /// together, and here somebody waits for a call.
    ///
    /// # Errors
    ///
    /// Too many names are asked for.
    pub fn resolve(&mut self, now: Instant, name: Name) -> Result<(), ResolveError> {
        if let Some(addresses) = self.known(now, name) {
            self.events.push_back(Event::Resolved(name, addresses));
            return Ok(());
        }
        let count = self.inquiries.len();
        if !self.inquiries.contains_key(&name) {
            if count >= self.config.max_questions {
                return Err(ResolveError::TooMany(count));
            }
            self.inquiries.insert(name, Inquiry { asked: 0, next: now });
            self.ask_due(now);
        }
        Ok(())
    }

    /// Asks for what is due, or gives it up.
    pub(super) fn ask_due(&mut self, now: Instant) {
        let mut due: [Vec<Name>; 2] = Default::default();
        let Self { inquiries, events, config, .. } = self;
        inquiries.retain(|&name, inquiry| {
            if inquiry.next > now {
                return true;
            }
            let Some(interval) = INTERVALS.get(inquiry.asked) else {
                events.push_back(Event::Resolved(name, Vec::new()));
                return false;
            };
            let [multicast, unicast] = &mut due;
            let first = inquiry.asked == 0 && config.unicast_first;
            let names = if first { unicast } else { multicast };
            names.push(name);
            (inquiry.asked, inquiry.next) = (inquiry.asked + 1, now + *interval);
            true
        });
        for (names, unicast) in due.iter().zip([false, true]) {
            for names in names.chunks(NAMES) {
                for &link in &self.links {
                    self.questions.push_back(Asked { link, names: names.to_vec(), unicast });
                }
            }
        }
    }

    /// There is a link on which nobody was asked yet.
    pub(super) fn ask_anew(&mut self, now: Instant) {
        for inquiry in self.inquiries.values_mut() {
            *inquiry = Inquiry { asked: 0, next: now };
        }
    }
}
