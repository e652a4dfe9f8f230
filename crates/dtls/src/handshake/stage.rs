//! What a handshake waits for.
//!
//! ```text
//!              ┌─► Client13 ─► EncryptedExtensions, CertificateRequest, Certificate, …, Finished ─┐
//! ClientHello ─┤                                                                                  │
//!  (client)    └─► Client12 ─► Certificate, ServerKeyExchange, …, ServerHelloDone, Finished ──────┤
//!                                                                                            Agreed
//!              ┌─► Server13 ─► Certificate, CertificateVerify, Finished ──────────────────────────┤
//! Listen ──────┤                                                                                  │
//!  (server)    └─► Server12 ─► Certificate, ClientKeyExchange, CertificateVerify, Finished ───────┘
//! ```

use alloc::boxed::Box;

use crate::flight::Message;
use crate::schedule::thirteen::Traffic;
use crate::schedule::twelve::Master;
use crate::schedule::{Exporter, Secret};
use crate::wire::MessageKind;
use crate::{Alert, CipherSuite, CloseReason, Connection, ProtocolVersion, SrtpProfile};

use super::context::{Context, fault};
use super::terms::Terms;
use super::{client, server};

/// What the next message may be, with what has been agreed on so far.
pub(crate) enum Stage {
    /// A client waits for the answer to its ClientHello.
    Hello(Box<client::Offer>),
    Client12(Box<client::Client12>, client::Expect12),
    Client13(Box<client::Client13>, client::Expect13),
    /// A server waits for a ClientHello.
    Listen(server::Listen),
    Server12(Box<server::Server12>, server::Expect12),
    Server13(Box<server::Server13>, server::Expect13),
}

/// What follows from a message.
pub(crate) enum Step {
    /// There is more to come.
    Next(Stage),
    /// The other side is the one that was announced, and both have the same keys.
    Done(Box<Agreed>),
}

/// What a handshake ends with.
pub(crate) struct Agreed {
    pub(crate) version: ProtocolVersion,
    pub(crate) suite: CipherSuite,
    pub(crate) srtp: Option<SrtpProfile>,
    /// The application protocol.
    pub(crate) protocol: Option<Box<[u8]>>,
    /// Most bytes of plaintext that the other side takes in a record.
    pub(crate) record_limit: usize,
    pub(crate) exporter: Exporter,
    /// What keys are updated from, DTLS 1.3.
    pub(crate) traffic: Option<Traffic>,
}

impl Agreed {
    pub(super) fn twelve(master: Master, terms: Terms) -> Self {
        let version = ProtocolVersion::Dtls12;
        Self {
            version,
            suite: master.suite(),
            srtp: terms.srtp,
            protocol: terms.protocol,
            record_limit: record_limit(version, terms.record_limit),
            exporter: Exporter::Twelve(master),
            traffic: None,
        }
    }

    /// The same for DTLS 1.3, with the secrets that the application's keys come from.
    pub(super) fn thirteen(
        suite: CipherSuite,
        traffic: Traffic,
        exporter: Secret,
        terms: Terms,
    ) -> Self {
        let version = ProtocolVersion::Dtls13;
        Self {
            version,
            suite,
            srtp: terms.srtp,
            protocol: terms.protocol,
            record_limit: record_limit(version, terms.record_limit),
            exporter: Exporter::Thirteen { suite, secret: exporter },
            traffic: Some(traffic),
        }
    }
}

impl Stage {
    /// A server's first.
    pub(crate) fn listen() -> Self {
        Self::Listen(server::Listen::default())
    }

    /// Takes the next message.
    pub(crate) fn handle(
        self,
        context: &mut Context,
        message: &Message,
    ) -> Result<Step, CloseReason> {
        match self {
            Self::Hello(offer) => client::hello(context, offer, message).map(Step::Next),
            Self::Client12(client, expect) => client.handle(context, expect, message),
            Self::Client13(client, expect) => client.handle(context, expect, message),
            Self::Listen(listen) => server::hello(context, listen, message).map(Step::Next),
            Self::Server12(server, expect) => server.handle(context, expect, message),
            Self::Server13(server, expect) => server.handle(context, expect, message),
        }
    }

    /// Whether nothing has been heard of a client yet.
    pub(crate) fn is_listening(&self) -> bool {
        matches!(self, Self::Listen(_))
    }
}

/// The body of a message that must be of this kind.
pub(super) fn body(message: &Message, kind: MessageKind) -> Result<&[u8], CloseReason> {
    if message.kind == kind { Ok(&message.body) } else { Err(fault(Alert::UNEXPECTED_MESSAGE)) }
}

/// A Finished must say `expected`.
pub(super) fn check_finished(message: &Message, expected: &Secret) -> Result<(), CloseReason> {
    let said = body(message, MessageKind::FINISHED)?;
    if expected.matches(said) { Ok(()) } else { Err(fault(Alert::DECRYPT_ERROR)) }
}

/// RFC 8449 §4: what the other side's limit leaves for plaintext.
pub(super) fn record_limit(version: ProtocolVersion, theirs: Option<u16>) -> usize {
    let content_type = match version {
        ProtocolVersion::Dtls12 => 0,
        ProtocolVersion::Dtls13 => 1,
    };
    let theirs = theirs.map(|limit| usize::from(limit).saturating_sub(content_type));
    theirs.unwrap_or(Connection::MAX_PLAINTEXT).min(Connection::MAX_PLAINTEXT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_of_the_other_side_is_kept() {
        use ProtocolVersion::{Dtls12, Dtls13};
        for (version, limit, plaintext) in [
            (Dtls12, None, 1 << 14),
            (Dtls12, Some(64), 64),
            (Dtls12, Some(u16::MAX), 1 << 14),
            // The content type counts.
            (Dtls13, Some(64), 63),
            (Dtls13, Some((1 << 14) + 1), 1 << 14),
        ] {
            assert_eq!(record_limit(version, limit), plaintext);
        }
    }
}
