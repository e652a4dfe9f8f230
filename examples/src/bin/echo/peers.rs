//! Everyone we are connected to, or hope to be.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{media::Stream, session::Session, traffic::Count};

/// Connections at a time: a bound on what strangers can make us keep.
const LIMIT: usize = 1000;
/// Offers of ours that wait for an answer at a time.
const OFFERS: usize = 64;
/// A peer that is not connected after this time is given up; an offer without an answer too.
const PATIENCE: Duration = Duration::from_secs(60);

/// The list of live peers; clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Peers {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    last_id: u64,
    sessions: BTreeMap<u64, Arc<Session>>,
}

/// There is no room for another peer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Full {
    #[error("{LIMIT} peers are connected, which is as many as this server takes")]
    Peers,
    #[error("{OFFERS} offers wait for an answer; try again in a minute")]
    Offers,
}

impl Peers {
    /// Adds what `make` builds from its new id.
    pub(crate) fn add(&self, make: impl FnOnce(u64) -> Session) -> Result<Arc<Session>, Full> {
        let mut inner = self.lock();
        let waiting = inner.sessions.values().filter(|session| session.awaits_answer()).count();
        if inner.sessions.len() >= LIMIT {
            return Err(Full::Peers);
        }
        inner.last_id += 1;
        let session = Arc::new(make(inner.last_id));
        if session.awaits_answer() && waiting >= OFFERS {
            return Err(Full::Offers);
        }
        inner.sessions.insert(session.id(), Arc::clone(&session));
        Ok(session)
    }

    pub(crate) fn remove(&self, id: u64) {
        self.lock().sessions.remove(&id);
    }

    pub(crate) fn get(&self, id: u64) -> Option<Arc<Session>> {
        self.lock().sessions.get(&id).map(Arc::clone)
    }

    pub(crate) fn all(&self) -> Vec<Arc<Session>> {
        self.lock().sessions.values().map(Arc::clone).collect()
    }

    /// Of each peer: its id, what its channels carried, and its streams.
    pub(crate) fn traffic(&self) -> Vec<(u64, Count, Vec<Stream>)> {
        let traffic =
            |session: &Arc<Session>| (session.id(), session.traffic().count(), session.streams());
        self.all().iter().map(traffic).collect()
    }

    /// Gives up those that never connected. Never returns.
    pub(crate) async fn drop_the_late(self) {
        let mut ticks = tokio::time::interval(Duration::from_secs(1));
        loop {
            let now = ticks.tick().await.into_std();
            for session in self.all() {
                if session.is_late(now, PATIENCE) {
                    session.end("never connected").await;
                }
            }
        }
    }

    /// Says goodbye to all at once.
    pub(crate) async fn close(&self, why: &'static str) {
        let closing = self
            .all()
            .into_iter()
            .map(|session| tokio::spawn(async move { session.end(why).await }));
        for closed in closing.collect::<Vec<_>>() {
            let _ = closed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use patchcord::{Config, Endpoint, EndpointConfig};

    use super::*;
    use crate::session::Phase;

    async fn endpoint() -> Endpoint {
        let udp = "127.0.0.1:0".parse().unwrap();
        Endpoint::bind(EndpointConfig { udp, ..EndpointConfig::default() }).await.unwrap()
    }

    fn add(peers: &Peers, endpoint: &Endpoint, phase: Phase) -> Result<Arc<Session>, Full> {
        let pc = endpoint.peer_connection(Config::default()).unwrap();
        peers.add(|id| Session::new(id, pc, phase))
    }

    #[tokio::test]
    async fn peers_and_offers_are_bounded() {
        let (peers, endpoint) = (Peers::default(), endpoint().await);
        for _ in 0..OFFERS {
            add(&peers, &endpoint, Phase::Offered).unwrap();
        }
        assert!(matches!(add(&peers, &endpoint, Phase::Offered), Err(Full::Offers)));
        for _ in OFFERS..LIMIT {
            add(&peers, &endpoint, Phase::Connecting).unwrap();
        }
        assert!(matches!(add(&peers, &endpoint, Phase::Connecting), Err(Full::Peers)));
        peers.remove(1);
        assert!(add(&peers, &endpoint, Phase::Offered).is_ok());
    }

    #[tokio::test]
    async fn whoever_does_not_connect_within_a_minute_is_late() {
        let (peers, endpoint) = (Peers::default(), endpoint().await);
        let offered = add(&peers, &endpoint, Phase::Offered).unwrap();
        let connecting = add(&peers, &endpoint, Phase::Connecting).unwrap();
        let connected = add(&peers, &endpoint, Phase::Connected).unwrap();
        let now = std::time::Instant::now();
        assert!(!offered.is_late(now + Duration::from_secs(59), PATIENCE));
        let later = now + PATIENCE;
        assert!(offered.is_late(later, PATIENCE) && connecting.is_late(later, PATIENCE));
        assert!(!connected.is_late(later, PATIENCE));
    }
}
