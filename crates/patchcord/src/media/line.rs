//! What a connection keeps for a transceiver that has, or had, handles.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use peer::TransceiverId;
use tokio::sync::Notify;

use super::forward::{Errand, Pump, Upstream};
use crate::connection::{Connection, Woken};

/// The lines of one connection: as many as it has transceivers, at most.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    lines: BTreeMap<TransceiverId, Line>,
}

/// Who waits for a transceiver, and where its packets go. The connection's mutex guards it.
#[derive(Debug)]
pub(crate) struct Line {
    /// Packets came, or the transceiver ended.
    pub(super) readable: Arc<Notify>,
    /// A whole picture was asked for, or the transceiver ended.
    pub(super) asked: Arc<Notify>,
    /// It was asked for, and nobody was told yet.
    pub(super) keyframe_wanted: bool,
    /// Sends what arrives to where it is forwarded.
    pub(super) pump: Arc<Pump>,
    /// To how many senders that is. 0: whoever reads is told instead.
    pub(super) forwards: usize,
    /// Receivers whose packets this side sends: requests for pictures are passed on to them.
    pub(super) upstreams: Vec<Upstream>,
}

impl Line {
    fn new(connection: Weak<Connection>, id: TransceiverId) -> Self {
        Self {
            readable: Arc::default(),
            asked: Arc::default(),
            keyframe_wanted: false,
            pump: Arc::new(Pump::new(connection, id)),
            forwards: 0,
            upstreams: Vec::new(),
        }
    }
}

impl Lines {
    /// The line of a transceiver; made if need be, when those of transceivers that are gone go.
    pub(crate) fn open(
        &mut self,
        peer: &peer::PeerConnection,
        connection: &Arc<Connection>,
        id: TransceiverId,
    ) -> &mut Line {
        if !self.lines.contains_key(&id) {
            self.lines.retain(|id, _| peer.transceiver(*id).is_some());
        }
        self.lines.entry(id).or_insert_with(|| Line::new(Arc::downgrade(connection), id))
    }

    pub(super) fn get_mut(&mut self, id: TransceiverId) -> Option<&mut Line> {
        self.lines.get_mut(&id)
    }

    /// Packets wait to be read.
    pub(crate) fn readable(&self, id: TransceiverId, woken: &mut Woken) {
        let Some(line) = self.lines.get(&id) else { return };
        if line.forwards == 0 {
            woken.push(&line.readable);
        } else {
            woken.later(Errand::Forward(Arc::clone(&line.pump)));
        }
    }

    /// The other side needs a whole picture.
    pub(crate) fn keyframe_requested(&mut self, id: TransceiverId, woken: &mut Woken) {
        let Some(line) = self.lines.get_mut(&id) else { return };
        line.keyframe_wanted = true;
        woken.push(&line.asked);
        for upstream in &line.upstreams {
            woken.later(Errand::RequestKeyframe(upstream.clone()));
        }
    }

    /// Something changed that may have ended any of them.
    pub(crate) fn wake_all(&self, woken: &mut Woken) {
        for line in self.lines.values() {
            woken.push(&line.readable);
            woken.push(&line.asked);
        }
    }
}
