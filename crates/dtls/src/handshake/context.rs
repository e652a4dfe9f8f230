//! What all stages of a handshake work on.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt::Write;

use sansio::Rng;
use zeroize::Zeroizing;

use crate::crypto::{Crypto, CryptoError};
use crate::flight::{Acks, Inbox, Message, Outbox, Repeats};
use crate::record::{Keys, Records};
use crate::schedule::{Secret, thirteen};
use crate::suite::Framing;
use crate::wire::{MessageKind, ParseError};
use crate::{
    Alert, CipherSuite, CloseReason, Config, Connection, Fingerprint, NamedGroup, ProtocolVersion,
    Role, ServerAuthentication,
};

use super::transcript::Transcript;

/// Most bytes of a ClientHello, which anybody can send: room is made for all of it when a part of it
/// arrives. Those of browsers have less than 2000.
const MOST_HELLO: usize = 8192;

/// One end of a connection, whatever it waits for.
pub(crate) struct Context {
    pub(crate) role: Role,
    pub(crate) config: Config,
    /// The fingerprints of the other side's certificate, one of which must match.
    pub(crate) announced: Box<[Fingerprint]>,
    pub(crate) rng: Box<dyn Rng>,
    pub(crate) records: Records,
    pub(crate) inbox: Inbox,
    pub(crate) outbox: Outbox,
    pub(crate) acks: Acks,
    /// A server that may send application data before it knows its client.
    pub(crate) early: Option<Sending>,
    /// Most bytes of plaintext in a protected record of DTLS 1.3, once the other side has said it
    /// (RFC 8449 §4). In 1.2 such records of ours are smaller than any limit, and application data
    /// has its own.
    pub(crate) record_limit: usize,
    /// The server's certificates, while the caller has not judged them. Nothing that follows them
    /// is acted on.
    pub(crate) presented: Option<Box<[Box<[u8]>]>>,
    /// Once it is decided.
    pub(crate) version: Option<ProtocolVersion>,
    /// In which the shares of the key exchange are, once it is decided.
    pub(crate) group: Option<NamedGroup>,
    pub(super) transcript: Transcript,
    /// The client's, by which a key log is read.
    pub(super) client_random: [u8; 32],
}

/// What application records that leave look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sending {
    pub(crate) framing: Framing,
    /// Most bytes of plaintext that the other side takes in a record.
    pub(crate) record_limit: usize,
}

impl Context {
    pub(crate) fn new(
        config: Config,
        role: Role,
        announced: Box<[Fingerprint]>,
        rng: Box<dyn Rng>,
    ) -> Self {
        Self {
            role,
            announced,
            rng,
            records: Records::default(),
            inbox: Inbox::new(match role {
                Role::Client => config.max_handshake_bytes,
                Role::Server => config.max_handshake_bytes.min(MOST_HELLO),
            }),
            outbox: Outbox::new(config.retransmit_initial),
            acks: Acks::default(),
            early: None,
            record_limit: Connection::MAX_PLAINTEXT,
            presented: None,
            version: None,
            group: None,
            transcript: Transcript::default(),
            client_random: [0; 32],
            config,
        }
    }

    /// Whether it is the caller who judges the other side's certificate.
    pub(super) fn asks_caller(&self) -> bool {
        self.role == Role::Client
            && self.config.server_authentication == ServerAuthentication::Caller
    }

    pub(crate) fn crypto(&self) -> Arc<dyn Crypto> {
        Arc::clone(&self.config.crypto)
    }

    /// Begins a flight, which answers the other side's.
    pub(super) fn begin_flight(&mut self, repeats: Repeats) {
        self.outbox.begin(repeats);
        self.acks.clear();
    }

    /// A client has said, and if need be proved, that it is there: its flight may be as long as that of
    /// any other.
    pub(super) fn widen_inbox(&mut self) {
        self.inbox.widen(self.config.max_handshake_bytes);
    }

    /// Says something in `epoch`.
    pub(super) fn say(&mut self, kind: MessageKind, epoch: u64, write: impl FnOnce(&mut Vec<u8>)) {
        let mut body = Vec::new();
        write(&mut body);
        self.transcript.add(kind, self.outbox.next_sequence(), &body);
        self.outbox.push(kind, epoch, body);
    }

    /// Says Finished.
    pub(super) fn say_finished(&mut self, epoch: u64, data: &Secret) {
        self.say(MessageKind::FINISHED, epoch, |out| out.extend_from_slice(data.as_bytes()));
    }

    /// The other side has said something.
    pub(super) fn hear(&mut self, message: &Message) {
        self.transcript.add(message.kind, message.sequence, &message.body);
    }

    /// The version and the suite are known now.
    pub(super) fn decide(&mut self, version: ProtocolVersion, suite: CipherSuite) {
        self.version = Some(version);
        self.transcript.decide(version, suite.hash(), &*self.config.crypto);
    }

    /// The hash of all that was said.
    pub(super) fn said(&self) -> Secret {
        self.transcript.hash(&*self.config.crypto)
    }

    /// The keys for what this side sends from now on, of DTLS 1.3.
    pub(crate) fn write_with(
        &mut self,
        epoch: u64,
        suite: CipherSuite,
        secret: &Secret,
    ) -> Result<(), CloseReason> {
        let keys = self.keys(suite, secret)?;
        self.records.add_write(ProtocolVersion::Dtls13, epoch, keys);
        Ok(())
    }

    /// The keys for what the other side sends from now on, of DTLS 1.3.
    pub(crate) fn read_with(
        &mut self,
        epoch: u64,
        suite: CipherSuite,
        secret: &Secret,
    ) -> Result<(), CloseReason> {
        let keys = self.keys(suite, secret)?;
        self.records.add_read(epoch, keys);
        Ok(())
    }

    fn keys(&self, suite: CipherSuite, secret: &Secret) -> Result<Keys, CloseReason> {
        Ok(thirteen::keys(&*self.config.crypto, suite, secret)?)
    }

    /// Forgets what only a handshake needs.
    pub(crate) fn forget_transcript(&mut self) {
        self.transcript = Transcript::default();
    }

    /// Tells a secret, if somebody is to be told.
    pub(super) fn log(&self, label: &str, secret: &Secret) {
        let Some(log) = &self.config.key_log else { return };
        // Room for all of it, so that no copy is left behind.
        let mut line = Zeroizing::new(String::with_capacity(256));
        let hex = |line: &mut String, bytes: &[u8]| {
            bytes.iter().for_each(|byte| _ = write!(line, "{byte:02x}"));
        };
        line.push_str(label);
        line.push(' ');
        hex(&mut line, &self.client_random);
        line.push(' ');
        hex(&mut line, secret.as_bytes());
        log.log(&line);
    }
}

/// The connection ends because of what the other side has sent.
pub(super) fn fault(alert: Alert) -> CloseReason {
    CloseReason::Fault(alert)
}

impl From<ParseError> for CloseReason {
    fn from(error: ParseError) -> Self {
        Self::Fault(error.alert())
    }
}

impl From<CryptoError> for CloseReason {
    /// Where nothing better is said: an algorithm that was promised is not there.
    fn from(_: CryptoError) -> Self {
        Self::Fault(Alert::INTERNAL_ERROR)
    }
}
