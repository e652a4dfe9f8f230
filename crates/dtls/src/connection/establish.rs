//! The handshake's outcome.

use alloc::boxed::Box;

use sansio::Instant;
use zeroize::Zeroizing;

use crate::handshake::{Agreed, Sending};
use crate::schedule::Exporter;
use crate::{Connection, Event, ExportError, KeyingMaterial, ProtocolVersion, Role, SrtpProfile};

use super::phase::{Connected, Current, Phase};

/// RFC 5764 §4.2.
const SRTP_LABEL: &[u8] = b"EXTRACTOR-dtls_srtp";
/// HKDF gives 255 hashes (RFC 5869 §2.3), the shortest of 32 bytes.
const MAX_EXPORT: usize = 255 * 32;

impl Connection {
    /// Both sides are who they should be, and have the same keys.
    pub(super) fn establish(&mut self, now: Instant, agreed: Agreed) {
        let Agreed { version, suite, srtp, protocol, record_limit, exporter, traffic } = agreed;
        let keys = srtp.and_then(|profile| self.srtp_keys(profile, &exporter));
        let traffic = traffic.map(|traffic| {
            let (read, write) = match self.context.role {
                Role::Client => (traffic.server, traffic.client),
                Role::Server => (traffic.client, traffic.server),
            };
            Current { read, write, updating: false, wanted: None }
        });
        self.context.forget_transcript();
        self.context.early = None;
        if version == ProtocolVersion::Dtls13 && self.context.outbox.is_empty() {
            // RFC 9147 §5.8.1: nothing else tells the client that its last flight has come.
            self.context.acks.hurry(now);
        }
        self.phase = Phase::Connected(Box::new(Connected {
            version,
            cipher_suite: suite,
            sending: Sending { framing: suite.framing(version), record_limit },
            protocol,
            keys,
            exporter,
            traffic,
        }));
        let srtp_profile = srtp;
        let group = self.context.group;
        self.events.push_back(Event::Connected {
            version,
            cipher_suite: suite,
            group,
            srtp_profile,
        });
    }

    fn srtp_keys(&self, profile: SrtpProfile, exporter: &Exporter) -> Option<KeyingMaterial> {
        let mut exported = Zeroizing::new([0; 2 * (32 + 14)]);
        let len = 2 * profile.key_len().saturating_add(profile.salt_len());
        let exported = exported.get_mut(..len)?;
        exporter.export(&*self.context.config.crypto, SRTP_LABEL, None, exported);
        KeyingMaterial::new(profile, exported)
    }

    /// Fills `out` with keys for another protocol, the same on both sides (RFC 5705, RFC 8446
    /// §7.5). In DTLS 1.2 an empty context differs from none.
    ///
    /// # Errors
    ///
    /// `out` is as it was.
    pub fn export_keying_material(
        &self,
        label: &str,
        context: Option<&[u8]>,
        out: &mut [u8],
    ) -> Result<(), ExportError> {
        let Phase::Connected(connected) = &self.phase else {
            return Err(ExportError::NotConnected(self.state()));
        };
        let len = out.len().max(context.map_or(0, <[u8]>::len)).max(label.len());
        if out.len() > MAX_EXPORT || len > usize::from(u16::MAX) || label.len() > 200 {
            return Err(ExportError::TooLong { len, max: MAX_EXPORT });
        }
        let crypto = &*self.context.config.crypto;
        connected.exporter.export(crypto, label.as_bytes(), context, out);
        Ok(())
    }
}
