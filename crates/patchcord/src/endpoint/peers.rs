//! Connections come and go.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::driver::Driver;
use crate::connection::Connection;
use crate::mux::Key;

/// The driver's connections by key. Keys of those that are gone are used again.
#[derive(Debug, Default)]
pub(super) struct Peers {
    slots: Vec<Option<Arc<Connection>>>,
    free: Vec<Key>,
}

impl Peers {
    pub(super) fn get(&self, key: Key) -> Option<&Arc<Connection>> {
        self.slots.get(key.index())?.as_ref()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.len() == self.free.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<Connection>> {
        self.slots.iter().flatten()
    }

    pub(super) fn drain(&mut self) -> impl Iterator<Item = Arc<Connection>> + '_ {
        self.free.clear();
        self.slots.drain(..).flatten()
    }

    fn insert(&mut self, connection: Arc<Connection>) -> Option<Key> {
        let key = match self.free.pop() {
            Some(key) => key,
            None => {
                self.slots.push(None);
                Key::new(u32::try_from(self.slots.len() - 1).ok()?)
            }
        };
        *self.slots.get_mut(key.index())? = Some(connection);
        Some(key)
    }

    fn remove(&mut self, key: Key) {
        if self.slots.get_mut(key.index()).and_then(Option::take).is_some() {
            self.free.push(key);
        }
    }
}

impl Driver {
    /// The key of a connection; it gets one when it is new. `None`: the driver has let it go.
    pub(super) fn key_of(&mut self, connection: &Arc<Connection>) -> Option<Key> {
        match connection.key.get() {
            Some(&key) => {
                let ours = self.peers.get(key)?;
                Arc::ptr_eq(ours, connection).then_some(key)
            }
            None => {
                let key = self.peers.insert(Arc::clone(connection))?;
                // Nobody else sets it.
                let _ = connection.key.set(key);
                Some(key)
            }
        }
    }

    /// Lets go of a connection whose farewells are out.
    pub(super) fn remove(&mut self, key: Key) {
        let Some(connection) = self.peers.get(key).cloned() else { return };
        self.peers.remove(key);
        self.mux.remove(key);
        self.close_links(key);
        self.timers.set(key, None);
        self.shared.peers.fetch_sub(1, Ordering::AcqRel);
        connection.release(None);
    }

    /// Gives those their key and their names that are new, from this place in the list on.
    pub(super) fn meet(&mut self, from: usize) {
        for n in from..self.dirty.len() {
            let new = self.dirty.get(n).filter(|connection| connection.key.get().is_none());
            let Some(connection) = new.cloned() else { continue };
            if let Some(key) = self.key_of(&connection) {
                self.mux.add_names(key, connection.lock().peer.local_ufrags());
            }
        }
    }

    /// Tells all connections to say goodbye.
    pub(super) fn close_all(&mut self) {
        for connection in self.peers.iter() {
            connection.command(peer::PeerConnection::close);
        }
    }
}
