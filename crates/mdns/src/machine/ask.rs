//! Questions for names of others, RFC 6762 §5.2.
//!
//! ```text
//!   0    250 ms   1.25 s         3.25 s                      7.25 s                      15.25 s
//!   ├─ QU ─┼─ QM ───┼─ QM ─────────┼─ QM ──────────────────────┼─ QM ────── … ──────────┤ nobody
//! ```
//!
//! QU asks for an answer by unicast, QM for one by multicast. RFC 6762 §5.2 has a second between the
//! first two questions. But what is sent to us alone may go to another program of this host that
//! has the port too (§15.1), and nobody knows before; a second is long for who waits for a call.

use core::time::Duration;

use sansio::Instant;

use super::mdns::{Asked, Event, Mdns};
use crate::Name;
use crate::message::Kind;
use crate::writer::Writer;

/// Whether a question asks for unicast, and how long it waits for an answer.
const QUESTIONS: [(bool, Duration); 5] = [
    (true, Duration::from_millis(250)),
    (false, Duration::from_secs(1)),
    (false, Duration::from_secs(2)),
    (false, Duration::from_secs(4)),
    (false, Duration::from_secs(8)),
];

/// Names in a datagram: 12 + 16 × (44 + 4 + 2 + 4) = 876 bytes, which any link carries whole.
const NAMES: usize = 16;

/// A name that is being asked for.
#[derive(Debug)]
pub(super) struct Inquiry {
    /// The next one of the questions.
    question: usize,
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
            self.inquiries.insert(name, Inquiry { question: self.first_question(), next: now });
            self.ask_due(now);
        }
        Ok(())
    }

    /// Asks for what is due, or gives it up.
    pub(super) fn ask_due(&mut self, now: Instant) {
        let mut due: [Vec<Name>; 2] = Default::default();
        let Self { inquiries, events, .. } = self;
        inquiries.retain(|&name, inquiry| {
            if inquiry.next > now {
                return true;
            }
            let Some((by_unicast, wait)) = QUESTIONS.get(inquiry.question) else {
                events.push_back(Event::Resolved(name, Vec::new()));
                return false;
            };
            let [multicast, unicast] = &mut due;
            let names = if *by_unicast { unicast } else { multicast };
            names.push(name);
            (inquiry.question, inquiry.next) = (inquiry.question + 1, now + *wait);
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
        let question = self.first_question();
        for inquiry in self.inquiries.values_mut() {
            *inquiry = Inquiry { question, next: now };
        }
    }

    fn first_question(&self) -> usize {
        usize::from(!self.config.unicast_first)
    }
}
