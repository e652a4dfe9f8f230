//! Packets that go from a receiver to senders without a task: whoever learns that packets have
//! arrived, which as a rule is the endpoint's driver, hands them on once it has let go of the
//! connection's mutex.
//!
//! ```text
//!   driver: datagrams ─► connection A ─► "readable" ─► the mutex of A is free ─► Pump
//!                                                        reads all that is there │ one lock of A
//!                                                        sends it to B, C, … ◄───┘ one lock each
//! ```
//!
//! One pump at a time serves a receiver, so packets keep their order. A pump locks connections one
//! after the other, never two at once, and never runs inside another one: what its sends give rise
//! to waits as an [`Errand`] until it is done.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use peer::{Codec, RtpPacket, TransceiverId};

use super::codecs::PayloadTypes;
use super::held::Held;
use crate::connection::{Connection, State, Woken};

/// What is to be done once no connection is locked.
#[derive(Debug)]
pub(crate) enum Errand {
    /// Packets have arrived at a receiver that is forwarded.
    Forward(Arc<Pump>),
    /// A sender that is fed by this receiver was asked for a whole picture.
    RequestKeyframe(Upstream),
}

impl Errand {
    pub(crate) fn run(self, woken: &mut Woken) {
        match self {
            Self::Forward(pump) => pump.run(woken),
            Self::RequestKeyframe(upstream) => upstream.request_keyframe(woken),
        }
    }
}

/// Sends what arrives at one receiver to all senders that it is forwarded to.
#[derive(Debug)]
pub(crate) struct Pump {
    /// No reference that keeps alive: the connection owns the pump.
    source: Weak<Connection>,
    id: TransceiverId,
    outlets: Mutex<Outlets>,
}

#[derive(Debug, Default)]
struct Outlets {
    list: Vec<Outlet>,
    /// What is on its way; here, so that its memory is used again.
    batch: Vec<RtpPacket>,
}

/// A sender that a receiver is forwarded to.
#[derive(Debug)]
struct Outlet {
    sink: Arc<Connection>,
    id: TransceiverId,
    payload_types: PayloadTypes,
}

/// A receiver that a sender is fed by.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    source: Weak<Connection>,
    id: TransceiverId,
}

/// While it lives, packets are forwarded.
#[derive(Debug)]
pub(super) struct Forwarding<'a> {
    from: &'a Held,
    to: &'a Held,
    pump: Arc<Pump>,
}

impl Pump {
    pub(super) fn new(source: Weak<Connection>, id: TransceiverId) -> Self {
        Self { source, id, outlets: Mutex::default() }
    }

    /// Hands on all that has arrived.
    fn run(&self, woken: &mut Woken) {
        let Some(source) = self.source.upgrade() else { return };
        let mut outlets = self.lock();
        let Outlets { list, batch } = &mut *outlets;
        // A source that panicked may have left something.
        batch.clear();
        let Some((last, others)) = list.split_last_mut() else { return };
        let codecs = source.isolate(|| {
            let mut state = source.lock();
            let codecs = Arc::clone(&state.peer.transceiver(self.id)?.codecs);
            batch.extend(core::iter::from_fn(|| state.peer.read_rtp(self.id)));
            Some(codecs)
        });
        let Some(Some(codecs)) = codecs else { return };
        if batch.is_empty() {
            return;
        }
        for outlet in others {
            outlet.send(&codecs, batch.iter().cloned(), woken);
        }
        last.send(&codecs, batch.drain(..), woken);
        batch.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Outlets> {
        self.outlets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Outlet {
    fn is(&self, held: &Held) -> bool {
        self.id == held.id && Arc::ptr_eq(&self.sink, held.connection())
    }

    /// What the sender's connection does not take, because it is not up, its queue is full or its
    /// other side knows no such codec, is lost: media does not wait.
    fn send(
        &mut self,
        codecs: &Arc<[Codec]>,
        packets: impl Iterator<Item = RtpPacket>,
        woken: &mut Woken,
    ) {
        let Self { sink, id, payload_types } = self;
        let forward = |state: &mut State, now| {
            let Some(transceiver) = state.peer.transceiver(*id) else { return };
            payload_types.update(codecs, &transceiver.codecs);
            for mut packet in packets {
                let Some(payload_type) = payload_types.get(packet.payload_type) else { continue };
                packet.payload_type = payload_type;
                if let Err(error) = state.peer.send_rtp(now, *id, packet) {
                    tracing::trace!(%error, "a packet was not forwarded");
                }
            }
        };
        sink.isolate(|| sink.change_and(woken, forward));
    }
}

impl Upstream {
    /// Fails when the receiver is over, when nobody needs a picture any more.
    fn request_keyframe(&self, woken: &mut Woken) {
        if let Some(source) = self.source.upgrade() {
            source.isolate(|| {
                source.change_and(woken, |state, now| state.peer.request_keyframe(now, self.id))
            });
        }
    }

    fn is(&self, held: &Held) -> bool {
        self.id == held.id && core::ptr::eq(self.source.as_ptr(), Arc::as_ptr(held.connection()))
    }
}

impl<'a> Forwarding<'a> {
    /// Begins with what was not read yet, and with a request for a whole picture.
    pub(super) fn start(from: &'a Held, to: &'a Held) -> Self {
        let (source, sink) = (from.connection(), to.connection());
        let pump = Arc::clone(&source.lock().line(source, from.id).pump);
        let outlet =
            Outlet { sink: Arc::clone(sink), id: to.id, payload_types: PayloadTypes::default() };
        pump.lock().list.push(outlet);
        source.lock().line(source, from.id).forwards += 1;
        let upstream = Upstream { source: Arc::downgrade(source), id: from.id };
        sink.lock().line(sink, to.id).upstreams.push(upstream.clone());

        let mut woken = Woken::default();
        woken.later(Errand::Forward(Arc::clone(&pump)));
        if from.kind == peer::MediaKind::Video {
            woken.later(Errand::RequestKeyframe(upstream));
        }
        woken.wake();
        Self { from, to, pump }
    }
}

impl Drop for Forwarding<'_> {
    fn drop(&mut self) {
        let Self { from, to, pump } = self;
        remove_first(&mut pump.lock().list, |outlet| outlet.is(to));
        if let Some(line) = from.connection().lock().lines.get_mut(from.id) {
            line.forwards = line.forwards.saturating_sub(1);
        }
        if let Some(line) = to.connection().lock().lines.get_mut(to.id) {
            remove_first(&mut line.upstreams, |upstream| upstream.is(from));
        }
    }
}

/// The same pair may be forwarded twice; each forwarding takes away one entry.
fn remove_first<T>(list: &mut Vec<T>, is: impl FnMut(&T) -> bool) {
    if let Some(place) = list.iter().position(is) {
        list.remove(place);
    }
}
