//! More streams, RFC 6525 §5.1.5, §5.1.6, §5.2.5, §5.2.6.
//!
//! Only who sends on streams can add them. Who wants to receive on more asks the other side to ask:
//!
//! ```text
//!   Add Incoming Streams --->
//!                        <--- performed; Add Outgoing Streams
//!              performed --->
//! ```

use sansio::Instant;

use super::state::{Association, State};
use crate::error::AddStreamsError;
use crate::event::Event;
use crate::parameter::ReConfigResult;

impl Association {
    /// Asks for `outbound` more streams to send on, and for `inbound` more that the other side sends
    /// on. [`Event::StreamsAdded`] says what came of it, or [`Event::StreamsNotAdded`].
    ///
    /// # Errors
    ///
    /// Nothing is asked: the association does not stand, the other side does not know how, or
    /// there would be more than 65535 streams.
    pub fn add_streams(
        &mut self,
        now: Instant,
        outbound: u16,
        inbound: u16,
    ) -> Result<(), AddStreamsError> {
        if !matches!(self.state, State::Established) {
            return Err(AddStreamsError::NotConnected);
        }
        if !self.remote.re_config {
            return Err(AddStreamsError::Unsupported);
        }
        let asked = self.resets.asked();
        let there = (self.remote.outbound_streams, self.remote.inbound_streams);
        sum(there.0, asked.outbound, outbound, u16::MAX)?;
        sum(there.1, asked.inbound, inbound, u16::MAX)?;
        self.resets.want_streams(outbound, inbound);
        self.request_re_config(now);
        Ok(())
    }

    /// The other side wants to send on more, §5.2.5.
    pub(super) fn add_inbound(&mut self, count: u16) -> ReConfigResult {
        match sum(self.remote.inbound_streams, 0, count, self.config.max_streams) {
            Ok(streams) => {
                self.remote.inbound_streams = streams;
                self.streams_added();
                ReConfigResult::Performed
            }
            Err(_) => ReConfigResult::Denied,
        }
    }

    /// The other side wants us to send on more, §5.2.6: we ask for them.
    pub(super) fn add_outbound_on_request(&mut self, count: u16) -> ReConfigResult {
        let asked = self.resets.asked().outbound;
        match sum(self.remote.outbound_streams, asked, count, self.config.max_streams) {
            Ok(_) => {
                // The request goes out with what is settled after this packet.
                self.resets.want_streams(count, 0);
                ReConfigResult::Performed
            }
            Err(_) => ReConfigResult::Denied,
        }
    }

    /// The other side's answer to Add Outgoing Streams.
    pub(super) fn outbound_answered(&mut self, count: u16, result: ReConfigResult) {
        let streams = self.remote.outbound_streams.checked_add(count);
        match (result, streams) {
            (ReConfigResult::Performed, Some(streams)) => {
                self.remote.outbound_streams = streams;
                self.streams_added();
            }
            (ReConfigResult::NothingToDo, _) => {}
            _ => self.events.push_back(Event::StreamsNotAdded),
        }
    }

    /// The other side's answer to Add Incoming Streams; it asks for them itself.
    pub(super) fn inbound_answered(&mut self, result: ReConfigResult) {
        if !matches!(result, ReConfigResult::Performed | ReConfigResult::NothingToDo) {
            self.events.push_back(Event::StreamsNotAdded);
        }
    }

    fn streams_added(&mut self) {
        let (outbound, inbound) = self.streams();
        self.events.push_back(Event::StreamsAdded { outbound, inbound });
    }
}

/// Streams that there are, are asked for, and shall be.
fn sum(there: u16, asked: u16, more: u16, max: u16) -> Result<u16, AddStreamsError> {
    let streams = u32::from(there) + u32::from(asked) + u32::from(more);
    match u16::try_from(streams) {
        Ok(sum) if sum <= max => Ok(sum),
        _ => Err(AddStreamsError::TooMany { streams, max }),
    }
}
