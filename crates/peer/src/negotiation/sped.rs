//! SPED: the handshake of DTLS rides in connectivity checks if both descriptions have it
//! (`a=ice-options`, draft-hancke-webrtc-sped).

use ice::Embedding;

use super::read::Remote;
use super::write::Local;
use crate::connection::PeerConnection;

/// The draft's name, and those of libwebrtc from M155 on and before.
const NAMES: [&str; 3] = ["sped", "googspedv1", "goog-sped-v1"];

/// Which of the names a description has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sped([bool; NAMES.len()]);

impl Sped {
    const ALL: Self = Self([true; NAMES.len()]);

    /// From a description that has these options.
    pub(super) fn read(has: impl Fn(&str) -> bool) -> Self {
        Self(NAMES.map(has))
    }

    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES.into_iter().zip(self.0).filter_map(|(name, said)| said.then_some(name))
    }

    fn is_there(self) -> bool {
        self.0.contains(&true)
    }
}

impl PeerConnection {
    /// What an offer says.
    pub(super) fn offered_sped(&self) -> Sped {
        if self.config.sped { Sped::ALL } else { Sped::default() }
    }

    /// What the answer to an offer says: no name that the offer does not have.
    pub(super) fn answered_sped(&self, remote: &Remote) -> Sped {
        let theirs = remote.transport.as_ref().map(|transport| transport.sped);
        theirs.filter(|_| self.config.sped).unwrap_or_default()
    }

    /// An offer is out that has it: what rides in checks may come before the answer does.
    pub(super) fn expect_sped(&mut self, local: &Local) {
        if local.sped.is_there() {
            for transport in &mut self.transports {
                if transport.ice.embedding() == Embedding::Off {
                    transport.ice.set_embedding(Embedding::Listening);
                }
            }
        }
    }

    /// Both descriptions are there. What was decided before the handshake holds.
    pub(super) fn decide_sped(&mut self, local: &Local, remote: &Remote) {
        let theirs = remote.transport.as_ref().map(|transport| transport.sped);
        let both = local.sped.is_there() && theirs.is_some_and(Sped::is_there);
        for transport in &mut self.transports {
            if matches!(transport.ice.embedding(), Embedding::Off | Embedding::Listening)
                && !transport.dtls_is_running()
            {
                let embedding = if both { Embedding::On } else { Embedding::Off };
                transport.ice.set_embedding(embedding);
            }
        }
    }
}
