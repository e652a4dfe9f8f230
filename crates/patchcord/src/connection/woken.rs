//! What is to be done once the mutex is free: waking tasks, and errands to other connections.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::media::Errand;

#[derive(Debug, Default)]
pub(crate) struct Woken {
    waiting: Vec<Arc<Notify>>,
    errands: Vec<Errand>,
}

impl Woken {
    pub(crate) fn push(&mut self, waiting: &Arc<Notify>) {
        self.waiting.push(Arc::clone(waiting));
    }

    pub(crate) fn later(&mut self, errand: Errand) {
        self.errands.push(errand);
    }

    /// Does all of it. Errands may give rise to more.
    pub(crate) fn wake(&mut self) {
        loop {
            for notify in self.waiting.drain(..) {
                notify.notify_waiters();
            }
            let Some(errand) = self.errands.pop() else { return };
            errand.run(self);
        }
    }
}
