//! The handshake's outcome: whose certificate it was, and what was agreed on.

use crate::backend::Output;
use crate::{CipherSuite, CloseReason, Connection, Crypto, Event, Fingerprint};

use super::phase::{Connected, Handshake, Phase};

/// What the engine may hand out in one piece, a certificate being the largest.
const SCRATCH: usize = 1 << 16;
/// Datagrams that wait to be pulled. A flight has fewer; more come only when duplicates ask for
/// flights again and nobody pulls.
const MAX_PENDING: usize = 32;

impl Connection {
    /// Takes everything out of the engine, and draws the conclusions.
    pub(super) fn settle(&mut self) {
        let Phase::Handshake(handshake) = &mut self.phase else { return };
        handshake.heard = true;
        handshake.scratch.resize(SCRATCH, 0);
        loop {
            match handshake.engine.poll(&mut handshake.scratch) {
                Output::Datagram(len) => {
                    let datagram: Vec<u8> = handshake.scratch.iter().take(len).copied().collect();
                    handshake.note_sent(self.role, &datagram);
                    if self.pending.len() < MAX_PENDING {
                        self.pending.push_back(datagram);
                    }
                }
                Output::Certificate(len) => {
                    let der = handshake.scratch.get(..len).unwrap_or_default();
                    match verify(der, &self.announced, self.crypto.as_ref()) {
                        Ok(()) => handshake.trusted = true,
                        Err(reason) => return self.end(reason),
                    }
                }
                Output::Connected => handshake.complete = true,
                Output::Keys(keys) => handshake.keys = Some(keys),
                Output::CloseNotify => return self.end(CloseReason::Remote),
                Output::Application(_) => {}
                Output::NeedsRoom(_) | Output::Idle => break,
            }
        }
        if handshake.complete {
            self.establish();
        }
    }

    fn establish(&mut self) {
        let Phase::Handshake(handshake) = &self.phase else { return };
        let (Some(version), true) = (handshake.engine.version(), handshake.trusted) else {
            // Both sides must show a certificate (RFC 8827 §6.5).
            return self.end(CloseReason::Fault(crate::Alert::CERTIFICATE_REQUIRED));
        };
        let placeholder = Phase::Closed(CloseReason::Local);
        let Phase::Handshake(handshake) = core::mem::replace(&mut self.phase, placeholder) else {
            return;
        };
        let Handshake { engine, suite, keys, .. } = *handshake;
        let cipher_suite = suite.found().unwrap_or(CipherSuite(0));
        let framing = cipher_suite.framing(version);
        let srtp_profile = keys.as_ref().map(crate::KeyingMaterial::profile);
        self.phase =
            Phase::Connected(Box::new(Connected { engine, version, cipher_suite, framing, keys }));
        self.events.push_back(Event::Connected { version, cipher_suite, srtp_profile });
    }
}

/// RFC 8122 §5.1: of the fingerprints by the strongest function that was announced, one must be
/// the certificate's.
fn verify(der: &[u8], announced: &[Fingerprint], crypto: &dyn Crypto) -> Result<(), CloseReason> {
    let mismatch =
        |presented| CloseReason::FingerprintMismatch { announced: announced.into(), presented };
    let strongest = announced.iter().map(Fingerprint::function).max();
    let function = strongest.unwrap_or(crate::HashFunction::Sha256);
    let presented = Fingerprint::of(der, function, crypto);
    if announced.contains(&presented) { Ok(()) } else { Err(mismatch(presented)) }
}
