//! What each handle of a transceiver holds.

use std::sync::Arc;

use peer::{MediaKind, TransceiverId};
use tokio::sync::Notify;

use crate::connection::{Alive, Connection, State};

/// Shared by the clones of [`Transceiver`](super::Transceiver), [`Sender`](super::Sender) and
/// [`Receiver`](super::Receiver). It keeps the connection alive; the transceiver itself belongs to
/// the connection, and stays when this goes.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) alive: Arc<Alive>,
    pub(super) id: TransceiverId,
    pub(super) kind: MediaKind,
    /// Packets came, or the transceiver ended.
    pub(super) readable: Arc<Notify>,
    /// The other side asked for a whole picture, or the transceiver ended.
    pub(super) asked: Arc<Notify>,
}

impl Held {
    /// `None`: the transceiver is gone.
    pub(super) fn new(alive: &Arc<Alive>, state: &mut State, id: TransceiverId) -> Option<Self> {
        let kind = state.peer.transceiver(id)?.kind;
        let line = state.line(&alive.connection, id);
        let (readable, asked) = (Arc::clone(&line.readable), Arc::clone(&line.asked));
        Some(Self { alive: Arc::clone(alive), id, kind, readable, asked })
    }

    pub(super) fn connection(&self) -> &Arc<Connection> {
        &self.alive.connection
    }

    /// Whether nothing will be sent or received any more.
    pub(super) fn is_over(&self, state: &State) -> bool {
        let stopped = || state.peer.transceiver(self.id).is_none_or(|it| it.stopped);
        state.is_over() || stopped()
    }
}
