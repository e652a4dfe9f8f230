//! A wait for the next change, kept over polls: what `async fn` does by itself.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;

/// Nothing, or a wait that has begun. A clone waits for itself.
#[derive(Debug, Default)]
pub(crate) struct Waiting(Option<Pin<Box<OwnedNotified>>>);

impl Clone for Waiting {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Waiting {
    /// Polls `attempt` until it yields; in between, waits for `changed`.
    pub(crate) fn poll<R>(
        &mut self,
        cx: &mut Context<'_>,
        changed: &Arc<Notify>,
        mut attempt: impl FnMut() -> Option<R>,
    ) -> Poll<R> {
        loop {
            if let Some(notified) = &mut self.0 {
                ready!(notified.as_mut().poll(cx));
                self.0 = None;
            }
            // Made before the attempt, so that no change slips through in between.
            let notified = Arc::clone(changed).notified_owned();
            if let Some(result) = attempt() {
                return Poll::Ready(result);
            }
            self.0 = Some(Box::pin(notified));
        }
    }
}
