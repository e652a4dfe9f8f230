//! Application records that leave.

use crate::backend::{Engine, Output};
use crate::{Connection, SealError};

use super::phase::Phase;

impl Connection {
    /// Makes a record of `buf[at..]`, which is [`head_room`](Self::head_room) bytes of any content
    /// and then the plaintext: encrypts in place, fills the head in, appends the tag.
    ///
    /// # Errors
    ///
    /// Nothing was sealed, and the buffer is as it was.
    pub fn seal(&mut self, buf: &mut Vec<u8>, at: usize) -> Result<(), SealError> {
        let state = self.state();
        let Phase::Connected(connected) = &mut self.phase else {
            return Err(SealError::NotConnected(state));
        };
        let framing = connected.framing;
        let had = buf.len().saturating_sub(at);
        let plaintext = buf.get(at..).and_then(|record| record.get(framing.head..));
        let no_room = SealError::NoHeadRoom { needed: framing.head, had };
        let plaintext = plaintext.ok_or(no_room)?;
        if plaintext.len() > Self::MAX_PLAINTEXT {
            return Err(SealError::TooLong { len: plaintext.len(), max: Self::MAX_PLAINTEXT });
        }
        let engine = &mut connected.engine;
        // The engine would put the record into the datagram that waits to be pulled.
        while let Output::NeedsRoom(len) = engine.poll(&mut []) {
            let mut datagram = vec![0; len];
            engine.poll(&mut datagram);
            self.pending.push_back(datagram);
        }
        engine.send(plaintext)?;
        take_record(engine, buf, at, framing.tail)?;
        self.counters.sealed = self.counters.sealed.saturating_add(1);
        Ok(())
    }
}

/// Puts the record that the engine has made in the place of its plaintext.
fn take_record(
    engine: &mut Engine,
    buf: &mut Vec<u8>,
    at: usize,
    tail: usize,
) -> Result<(), SealError> {
    let len = buf.len();
    buf.resize(len.saturating_add(tail), 0);
    match engine.poll(buf.get_mut(at..).unwrap_or_default()) {
        Output::Datagram(made) => {
            debug_assert_eq!(at.saturating_add(made), buf.len());
            buf.truncate(at.saturating_add(made));
            Ok(())
        }
        _ => {
            buf.truncate(len);
            Err(SealError::Exhausted)
        }
    }
}
