//! What the driver and all handles of a connection share, behind one mutex.
//!
//! The mutex is held for a call or two of the connection without IO, never over an await. Whoever
//! changes something marks the connection dirty; the driver then pulls its datagrams. No handle
//! does IO itself: datagrams of many sends leave in one system call, and a full socket stops
//! nobody's thread.
//!
//! Who panics while he holds the mutex poisons it. Whoever locks it next finds a connection that is
//! over, in place of one that nobody can trust any more.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, Weak};

use bytes::BytesMut;
use sansio::{Datagram, Instant, Machine, Path};
use tokio::sync::Notify;

use super::{CloseReason, IceCandidateError, State, Woken};
use crate::config::Choices;
use crate::endpoint::Shared;
use crate::mdns::Member;
use crate::mux::Key;

#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) endpoint: Arc<Shared>,
    pub(crate) choices: Choices,
    /// Set by the driver when it first sees the connection.
    pub(crate) key: OnceLock<Key>,
    /// In the driver's list of connections to pull.
    pub(crate) dirty: AtomicBool,
    /// An event came, or a state changed.
    pub(crate) changed: Arc<Notify>,
    state: Mutex<State>,
    this: Weak<Self>,
}

impl Connection {
    pub(crate) fn new(
        endpoint: Arc<Shared>,
        peer: peer::PeerConnection,
        choices: Choices,
    ) -> Arc<Self> {
        let names = Arc::clone(&endpoint.names);
        Arc::new_cyclic(|this| Self {
            endpoint,
            choices,
            key: OnceLock::new(),
            dirty: AtomicBool::new(false),
            changed: Arc::default(),
            state: Mutex::new(State::new(peer, choices, Member::new(choices.mdns, &names, this))),
            this: Weak::clone(this),
        })
    }

    /// Runs a command; the driver sends what comes of it.
    pub(crate) fn command<R>(
        self: &Arc<Self>,
        command: impl FnOnce(&mut peer::PeerConnection, Instant) -> R,
    ) -> R {
        self.change(|state, now| command(&mut state.peer, now))
    }

    /// Like [`command`](Self::command), with all that the mutex guards.
    pub(crate) fn change<R>(self: &Arc<Self>, change: impl FnOnce(&mut State, Instant) -> R) -> R {
        let mut woken = Woken::default();
        let result = self.change_and(&mut woken, change);
        woken.wake();
        result
    }

    /// Like [`change`](Self::change), for a caller who has more to do before anybody is woken.
    pub(crate) fn change_and<R>(
        self: &Arc<Self>,
        woken: &mut Woken,
        change: impl FnOnce(&mut State, Instant) -> R,
    ) -> R {
        let result = {
            let mut state = self.lock();
            // Read behind the lock, so that a connection's time never runs backwards.
            let now = self.endpoint.clock.now();
            let result = change(&mut state, now);
            state.absorb(now, &self.changed, woken);
            result
        };
        self.endpoint.mark(self);
        result
    }

    /// Takes a datagram that has arrived; the caller marks the connection. Payloads of all
    /// connections are cut from one block.
    pub(crate) fn feed(
        &self,
        block: &mut BytesMut,
        datagram: Datagram<'_, Path>,
    ) -> Result<(), peer::Discard> {
        let mut state = self.lock();
        let now = self.endpoint.clock.now();
        core::mem::swap(state.peer.payload_block_mut(), block);
        let used = state.peer.handle_input(now, datagram);
        core::mem::swap(state.peer.payload_block_mut(), block);
        used
    }

    /// Does something with this connection on behalf of others, who go on if it panics. `None`: it
    /// has, and is over.
    pub(crate) fn isolate<R>(&self, work: impl FnOnce() -> R) -> Option<R> {
        // It is not looked into again.
        let done = catch_unwind(AssertUnwindSafe(work));
        done.inspect_err(|_| drop(self.lock())).ok()
    }

    /// Looks at something and changes nothing.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&State) -> R) -> R {
        look(&self.lock())
    }

    /// Waits until `ready` yields something; it is asked again whenever `notify` fires.
    pub(crate) async fn until<R>(
        self: &Arc<Self>,
        notify: &Notify,
        mut ready: impl FnMut(&mut State, Instant) -> Option<R>,
    ) -> R {
        loop {
            // Made before the question, so that no answer slips through in between.
            let notified = notify.notified();
            if let Some(result) = self.attempt(&mut ready) {
                return result;
            }
            notified.await;
        }
    }

    /// A change that may have to wait: `None` has changed nothing, and the driver has no work.
    pub(crate) fn attempt<R>(
        self: &Arc<Self>,
        attempt: impl FnOnce(&mut State, Instant) -> Option<R>,
    ) -> Option<R> {
        let mut woken = Woken::default();
        let result = {
            let mut state = self.lock();
            let now = self.endpoint.clock.now();
            let result = attempt(&mut state, now)?;
            state.absorb(now, &self.changed, &mut woken);
            result
        };
        woken.wake();
        self.endpoint.mark(self);
        Some(result)
    }

    /// A server is of no use: the application is told.
    pub(crate) fn fail(&self, failure: IceCandidateError, woken: &mut Woken) {
        self.lock().fail(failure);
        woken.push(&self.changed);
    }

    /// The last `PeerConnection` is gone.
    pub(super) fn unsteer(self: &Arc<Self>) {
        self.change(|state, now| {
            state.unsteered = true;
            state.give_up_if_failed(now);
        });
    }

    /// The driver lets go; `reason` is why, if it is the endpoint's.
    pub(crate) fn release(&self, reason: Option<CloseReason>) {
        let mut woken = Woken::default();
        {
            let mut state = self.lock();
            let now = self.endpoint.clock.now();
            state.release(now, reason, &self.changed, &mut woken);
        }
        woken.wake();
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| {
            let mut state = poisoned.into_inner();
            state.abandon(self.endpoint.clock.now());
            self.state.clear_poison();
            // Who waits for it is woken when the driver lets go.
            if let Some(this) = self.this.upgrade() {
                self.endpoint.panicked(&this);
            }
            state
        })
    }

    /// Somebody has panicked who held the mutex, and nobody has locked it since.
    pub(crate) fn is_poisoned(&self) -> bool {
        self.state.is_poisoned()
    }

    /// True: it was not marked before.
    pub(crate) fn set_dirty(&self) -> bool {
        !self.dirty.swap(true, Ordering::AcqRel)
    }
}
