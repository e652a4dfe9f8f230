//! Messages from the application, RFC 9260 §6.1.

use bytes::Bytes;
use sansio::Instant;

use super::state::{Association, State};
use crate::error::SendError;
use crate::event::Event;
use crate::ids::StreamId;
use crate::message::SendOptions;

impl Association {
    /// Takes a message for a stream. The payload is kept, not copied, until it is acknowledged.
    /// Before the association stands, messages wait; the first of them travel with COOKIE ECHO.
    ///
    /// # Errors
    ///
    /// Nothing is kept: the message is empty or too large, the buffer is full, the stream does not
    /// exist or is being reset, or the association is closing.
    pub fn send(
        &mut self,
        now: Instant,
        stream: StreamId,
        payload: Bytes,
        options: SendOptions,
    ) -> Result<(), SendError> {
        let (size, max) = (payload.len(), self.config.max_message_size);
        let streams = self.remote.outbound_streams;
        if !self.accepts_messages() {
            return Err(SendError::Closed);
        }
        if size == 0 {
            return Err(SendError::Empty);
        }
        if size > max {
            return Err(SendError::TooLarge { size, max });
        }
        if stream.0 >= streams {
            return Err(SendError::NoSuchStream { stream, streams });
        }
        if self.queue.is_resetting(stream) {
            return Err(SendError::Resetting(stream));
        }
        let buffered = self.queue.buffered();
        let missing = (buffered + size).saturating_sub(self.config.send_buffer).min(buffered);
        if missing > 0 && !self.queue.make_room(missing, options.reliability) {
            self.sending.refused = true;
            return Err(SendError::BufferFull { buffered });
        }
        self.queue.push(now, stream, payload, options);
        self.report_room();
        Ok(())
    }

    /// Bytes taken for a stream of which nothing has been sent yet.
    pub fn buffered_amount(&self, stream: StreamId) -> usize {
        self.queue.buffered_on(stream)
    }

    /// Bytes taken for all streams of which nothing has been sent yet.
    pub fn total_buffered_amount(&self) -> usize {
        self.queue.buffered()
    }

    /// [`Event::BufferedAmountLow`] comes when the buffered amount of a stream falls from above
    /// `threshold` bytes to it or below. Default 0.
    pub fn set_buffered_amount_low_threshold(&mut self, stream: StreamId, threshold: usize) {
        self.queue.set_low_threshold(stream, threshold);
    }

    /// What a stream is worth to the [`Scheduler`](crate::Scheduler): a weight, or a rank among
    /// others, where more is more. WebRTC has 128, 256, 512 and 1024 (RFC 8831 §6.4). Default 256;
    /// a stream that was reset has that again.
    pub fn set_stream_priority(&mut self, stream: StreamId, priority: u16) {
        self.queue.set_priority(stream, priority);
    }

    /// What a stream is worth to the scheduler.
    pub fn stream_priority(&self, stream: StreamId) -> u16 {
        self.queue.priority(stream)
    }

    fn accepts_messages(&self) -> bool {
        matches!(
            self.state,
            State::Closed
                | State::CookieWait { .. }
                | State::CookieEchoed { .. }
                | State::Established
        )
    }

    /// Something left the queue: whom to tell?
    pub(super) fn report_room(&mut self) {
        while let Some(stream) = self.queue.poll_low() {
            self.events.push_back(Event::BufferedAmountLow(stream));
        }
        // Half the buffer: not one refusal for each packet.
        if self.sending.refused && self.queue.buffered() <= self.config.send_buffer / 2 {
            self.sending.refused = false;
            self.events.push_back(Event::Writable);
        }
    }
}
