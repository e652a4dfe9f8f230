//! Whether there is room for a chunk, RFC 9260 §6.2.

use super::reassembly::Reassembly;

/// What complete messages take of the window.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unread {
    /// Bytes.
    pub(crate) held: usize,
    /// The application can read, and so make room.
    pub(crate) readable: bool,
}

impl Reassembly {
    /// A SACK says that there is room for so much.
    pub(crate) fn promise(&mut self, bytes: usize) {
        self.promised = self.promised.max(bytes);
    }

    /// What may be promised beyond the window, of which so much is in use.
    pub(crate) fn lendable(&self, held: usize) -> usize {
        let window = self.limits.window;
        (window + window / 2).saturating_sub(held).min(window / 4)
    }

    /// Takes room for a chunk that is not here yet. A full window takes nothing, but for
    ///
    /// - what was promised: messages take more than their payload, and what is under way does not
    ///   know of them. Or anything as long as nothing can be read: unfinished messages must be
    ///   finished. This may take half as much again;
    /// - what fills a gap, without which the rest would wait forever: it may take another quarter,
    ///   and the first that is missing one more.
    pub(super) fn take_room(&mut self, ahead: u32, payload: usize, unread: Unread) -> bool {
        let (window, needed) = (self.limits.window, self.held() + unread.held + payload);
        let fills_gap = || {
            let highest = self.runs.last();
            highest.is_some_and(|tsn| tsn.is_after(self.cumulative.plus(ahead)))
        };
        let quarters = if needed <= window {
            0
        } else if fills_gap() {
            if ahead == 1 { 4 } else { 3 }
        } else if payload <= self.promised || !unread.readable {
            2
        } else {
            0
        };
        let fits = needed <= window + window / 4 * quarters;
        if fits {
            self.promised = self.promised.saturating_sub(payload);
        }
        fits
    }
}
