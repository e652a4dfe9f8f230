//! Application records that leave.

use crate::wire::ContentType;
use crate::wire::message::KeyUpdate;
use crate::{Connection, SealError};

impl Connection {
    /// Makes a record of `buf[at..]`, which is [`head_room`](Self::head_room) bytes of any content
    /// and then the plaintext: encrypts in place, fills the head in, appends the tag.
    ///
    /// # Errors
    ///
    /// Nothing was sealed, and the buffer is as it was.
    pub fn seal(&mut self, buf: &mut Vec<u8>, at: usize) -> Result<(), SealError> {
        let sending = self.sending().ok_or(SealError::NotConnected(self.state()))?;
        let (head, max) = (sending.framing.head, sending.record_limit);
        let had = buf.len().saturating_sub(at);
        let len = had.checked_sub(head).ok_or(SealError::NoHeadRoom { needed: head, had })?;
        if len > max {
            return Err(SealError::TooLong { len, max });
        }
        let records = &mut self.context.records;
        records.seal(records.write_epoch(), ContentType::ApplicationData, buf, at)?;
        self.counters.sealed = self.counters.sealed.saturating_add(1);
        if self.context.records.wants_new_keys() {
            self.begin_update(KeyUpdate::NotRequested);
        }
        Ok(())
    }
}
