//! I-DATA arrives: TSNs say which chunks did, and nothing more (RFC 8260 §2.2.3).

use super::partials::Taken;
use super::reassembly::{Arrival, Complete, Reassembly};
use super::room::Unread;
use crate::chunk::IData;
use crate::serial::{Mid, Tsn};

impl Reassembly {
    /// Takes a chunk, and hands over the message it completes.
    pub(crate) fn accept_interleaved(
        &mut self,
        data: &IData<'_>,
        unread: Unread,
        complete: impl FnOnce(Complete<Mid>),
    ) -> Arrival {
        let ahead = data.tsn.since(self.cumulative);
        if ahead == 0 || ahead > 1 << 31 || self.runs.contains(self.cumulative, data.tsn) {
            return Arrival::Duplicate;
        }
        if ahead > self.limits.span {
            return Arrival::NoRoom;
        }
        if !self.take_room(ahead, data.payload.len(), unread) {
            let stuck = ahead == 1 && !self.has_gap() && !unread.readable;
            return if stuck { Arrival::Stuck } else { Arrival::NoRoom };
        }
        let gap = self.has_gap() || ahead > 1;
        self.arrived(data.tsn, ahead);
        match self.partials.accept(data, self.limits.message) {
            Taken::TooLarge => return Arrival::TooLarge,
            Taken::Complete(message) => complete((data.stream, data.mid, message)),
            Taken::Kept => {}
        }
        if gap { Arrival::Gap } else { Arrival::InOrder }
    }

    fn arrived(&mut self, tsn: Tsn, ahead: u32) {
        if ahead > 1 {
            self.runs.insert(self.cumulative, tsn);
        } else {
            self.cumulative = self.runs.take_from(tsn.next()).unwrap_or(tsn);
        }
    }
}
