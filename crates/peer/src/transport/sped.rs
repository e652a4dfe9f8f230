//! SPED: the handshake rides in connectivity checks while there is no path, so that it takes no
//! round trip of its own (draft-hancke-webrtc-sped).
//!
//! ```text
//!            no path                                     a path
//!  dtls ──► flight ──► ice's slot ──► checks    dtls ──► datagrams ──► the path
//!           no timer: checks repeat it          timer: twice the round trip; a copy rides on
//! ```

use core::time::Duration;

use ice::Embedding;
use sansio::{Instant, Machine};

use super::Transport;
use crate::config::Config;

/// The largest datagram of a handshake that may ride, as in libwebrtc: a ClientHello with a
/// post-quantum share takes two, and each fits into a check.
pub(super) const MTU: usize = 900;

impl Transport {
    /// Gives a flight of the handshake to ICE, while there is no path for it.
    pub(super) fn embed_flight(&mut self, now: Instant) {
        if self.ice.embedding() != Embedding::On || self.route().is_some() {
            return;
        }
        let Some(connection) = self.dtls.connection_mut() else { return };
        let mut datagram = Vec::new();
        while connection.poll_transmit(now, &mut datagram).is_some() {
            if !core::mem::replace(&mut self.pulling, true) {
                self.ice.begin_flight();
            }
            self.ice.embed(&datagram, None);
            datagram.clear();
        }
        self.pulling = false;
    }

    /// What follows for the handshake from what ICE found, and the other way round.
    pub(crate) fn settle_handshake(&mut self, now: Instant, config: &Config) {
        let has_path = self.ice.route().is_some();
        let Some(connection) = self.dtls.connection_mut() else { return };
        let begins = connection.are_timers_held() && has_path;
        if begins || !self.is_timed && connection.state() == dtls::State::Connecting {
            // If losses hid the round trip so far, it counts from when it is known. Who sends no
            // checks (ICE lite) never knows it.
            let timer = self.ice.rtt_at_most().map(twice);
            self.is_timed = timer.is_some();
            if begins || self.is_timed {
                connection.start_timers(now, timer.unwrap_or(config.dtls.retransmit_initial));
            }
        }
        // What rode nowhere, or along other paths, goes again at once.
        if begins && !self.ice.is_embedded_on_route() {
            connection.repeat_flight();
        }
        if self.ice.embedding() == Embedding::On {
            if !connection.awaits_answer() {
                self.ice.begin_flight();
            }
            if connection.state() == dtls::State::Connected && !self.ice.is_embedding() {
                self.ice.set_embedding(Embedding::Complete);
            }
        }
    }

    /// Application data came: the other side has all of the handshake.
    pub(crate) fn complete_embedding(&mut self) {
        if self.ice.embedding() == Embedding::On {
            self.ice.set_embedding(Embedding::Complete);
        }
    }
}

/// How long a flight of the handshake waits for its answer, as in libwebrtc: two round trips of the
/// path, within bounds.
fn twice(rtt: Duration) -> Duration {
    rtt.saturating_mul(2).clamp(Duration::from_millis(50), Duration::from_secs(3))
}
