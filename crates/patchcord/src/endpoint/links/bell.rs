//! What the reactor rings when a link has something for the driver.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Wake;

use super::LinkId;
use crate::endpoint::Shared;

#[derive(Debug)]
pub(super) struct Bell {
    shared: Arc<Shared>,
    link: LinkId,
    /// Rung, and not heard yet.
    rung: AtomicBool,
}

impl Bell {
    /// One that was rung: a new link is served once.
    pub(super) fn rung(shared: &Arc<Shared>, link: LinkId) -> Arc<Self> {
        Arc::new(Self { shared: Arc::clone(shared), link, rung: AtomicBool::new(true) })
    }

    /// The driver has heard it: from now on it may ring again.
    pub(super) fn hush(&self) {
        self.rung.store(false, Ordering::Release);
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.rung.swap(true, Ordering::AcqRel) {
            self.shared.ring(self.link);
        }
    }
}
