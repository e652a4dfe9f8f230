//! Who may begin while others are unfinished, and who gives way when the buffer is full.

use super::expendable::Worth;
use super::queue::SendQueue;
use crate::ids::StreamId;
use crate::message::Reliability;

impl SendQueue {
    /// The other side has room for so much.
    #[inline]
    pub(crate) fn note_room(&mut self, bytes: usize) {
        if self.admission.note_room(bytes) {
            self.unpark();
        }
    }

    /// Gives up what is worth less than a message for which so many bytes are missing. False: that
    /// would not suffice, and nothing is given up.
    pub(crate) fn make_room(&mut self, missing: usize, reliability: Reliability) -> bool {
        let Some(chosen) = self.expendable.choose(missing, reliability) else { return false };
        for (worth, stream) in chosen {
            self.give_way(worth, stream);
        }
        true
    }

    /// A message that was admitted is through, or given up.
    #[inline]
    pub(super) fn release(&mut self, admitted: usize) {
        if admitted > 0 {
            self.admission.release(admitted);
        }
        if admitted > 0 || self.admission.is_crowded() {
            self.unpark();
        }
    }

    /// Admits those who have waited for longest, as many as there is room for.
    pub(super) fn unpark(&mut self) {
        while let Some(id) = self.admission.first() {
            if let Some(stream) = self.streams.get_mut(id) {
                let message = stream.queue.front_mut();
                if let Some(message) = message.filter(|m| m.payload.len() > self.chunk) {
                    let size = message.payload.len();
                    if !self.admission.admits(size) {
                        return;
                    }
                    message.admitted = size;
                    self.admission.admit(size);
                }
                stream.parked = false;
            }
            self.admission.unpark_first();
            self.join(id);
        }
    }

    /// A message of which nothing was sent is given up for another.
    fn give_way(&mut self, worth: Worth, id: StreamId) {
        self.expendable.remove(worth);
        self.dropped += 1;
        let Some(stream) = self.streams.get_mut(id) else { return };
        match stream.queue.binary_search_by_key(&worth.1, |message| message.arrival) {
            Ok(0) => self.drop_first(id),
            Ok(index) => {
                let message = stream.queue.remove(index);
                self.left(id, message.map_or(0, |message| message.payload.len()));
            }
            Err(_) => {}
        }
    }
}
