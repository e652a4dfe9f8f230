//! Packets that belong to no association, RFC 9260 §8.4, and replies that travel alone.

use super::state::Association;
use crate::cause::{Cause, Causes};
use crate::chunk::{Abort, Chunk, ShutdownComplete};
use crate::error::Discard;
use crate::ids::Tag;
use crate::packet::Packet;

/// Replies that wait at most. More are dropped: whoever asked asks again.
const MAX_REPLIES: usize = 4;

impl Association {
    /// A packet out of the blue.
    pub(super) fn handle_stranger(&mut self, packet: &Packet<'_>) -> Result<(), Discard> {
        let mut silent = packet.chunks().flatten().filter(|chunk| {
            // §8.4 2, 6, 7, 8: never answered, so that two ends do not answer each other forever.
            matches!(
                chunk,
                Chunk::Abort(_)
                    | Chunk::ShutdownComplete(_)
                    | Chunk::CookieAck(_)
                    | Chunk::Error(_)
                    | Chunk::CookieEcho(_)
            )
        });
        let first = packet.chunks().flatten().next();
        if silent.next().is_some() || first.is_none() {
            return Err(Discard::Unexpected);
        }
        let tag = packet.header.tag;
        if let Some(Chunk::ShutdownAck(_)) = first {
            // §8.4 5.
            let mut chunk = Vec::new();
            ShutdownComplete { reflected: true }.write(&mut chunk);
            self.reply(tag, chunk);
        } else {
            self.reply_abort(tag, true, &[]);
        }
        Ok(())
    }

    /// Sends ABORT to whoever uses `tag`.
    pub(super) fn reply_abort(&mut self, tag: Tag, reflected: bool, causes: &[Cause<'_>]) {
        let (mut encoded, mut chunk) = (Vec::new(), Vec::new());
        for cause in causes {
            cause.write(&mut encoded);
        }
        let causes = Causes::parse(&encoded).unwrap_or_default();
        Abort { reflected, causes }.write(&mut chunk);
        self.reply(tag, chunk);
    }

    /// Sends a chunk in a packet of its own.
    pub(super) fn reply(&mut self, tag: Tag, chunk: Vec<u8>) {
        if self.replies.len() < MAX_REPLIES {
            self.replies.push_back((tag, chunk));
        } else {
            self.counters.replies_dropped += 1;
        }
    }
}
