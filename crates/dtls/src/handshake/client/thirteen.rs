//! The client of DTLS 1.3, from ServerHello on. RFC 8446 §2, RFC 9147 §5.6.
//!
//! ```text
//!   C                                S
//!   ├─ ClientHello ────────────────► │
//!   │ ◄───────────────── ServerHello ┤   epoch 0
//!   │ ◄───────── EncryptedExtensions ┤   epoch 2 …
//!   │ ◄────────── CertificateRequest ┤
//!   │ ◄───────────────── Certificate ┤   it is judged here
//!   │ ◄─────────── CertificateVerify ┤
//!   │ ◄──────────────────── Finished ┤
//!   ├─ Certificate ────────────────► │
//!   ├─ CertificateVerify ──────────► │
//!   ├─ Finished ───────────────────► │   epoch 3 from here on
//! ```

use alloc::boxed::Box;

use crate::flight::{Message, Repeats};
use crate::schedule::thirteen;
use crate::wire::extension::{self, KeyShareEntry, NumberList};
use crate::wire::message::{CertificateRequest13, EncryptedExtensions, ServerHello};
use crate::wire::{MessageKind, Numbers};
use crate::{Alert, CloseReason, ProtocolVersion, Role, SignatureScheme};

use super::super::context::{Context, fault};
use super::super::identity::{self, PeerKey};
use super::super::proof;
use super::super::stage::{self, Agreed, Stage, Step};
use super::super::terms::{self, Terms};
use super::Offer;
use super::answer::{only, same_suite};

const VERSION: ProtocolVersion = ProtocolVersion::Dtls13;

/// A client that has keys, and does not know yet with whom.
pub(crate) struct Client13 {
    schedule: thirteen::Handshake,
    terms: Terms,
    /// The server wants to know who we are, and how we sign if we tell it.
    requested: Option<Option<SignatureScheme>>,
}

/// The message that comes next.
pub(crate) enum Expect {
    EncryptedExtensions,
    /// Or the certificate at once.
    CertificateRequest,
    Certificate,
    CertificateVerify(PeerKey),
    Finished,
}

impl Client13 {
    /// Takes the ServerHello: from here on both sides have keys.
    pub(super) fn begin(
        context: &mut Context,
        mut offer: Offer,
        message: &Message,
        hello: &ServerHello<'_>,
    ) -> Result<Stage, CloseReason> {
        let suite = hello.suite;
        same_suite(&offer, suite)?;
        only(hello.extensions, &[extension::SUPPORTED_VERSIONS, extension::KEY_SHARE])?;
        let entry = hello.extensions.read(extension::KEY_SHARE, KeyShareEntry::parse)?;
        let entry = entry.ok_or(fault(Alert::MISSING_EXTENSION))?;
        let own = offer.shares.iter().position(|(group, _)| *group == entry.group);
        let (_, own) = offer.shares.swap_remove(own.ok_or(fault(Alert::ILLEGAL_PARAMETER))?);
        let shared = own.agree(entry.share).map_err(|_| fault(Alert::ILLEGAL_PARAMETER))?;
        context.decide(VERSION, suite);
        context.group = Some(entry.group);
        context.hear(message);
        let crypto = context.crypto();
        let said = context.said();
        let schedule =
            thirteen::Handshake::new(&*crypto, suite, shared.as_bytes(), said.as_bytes());
        context.log("CLIENT_HANDSHAKE_TRAFFIC_SECRET", &schedule.traffic.client);
        context.log("SERVER_HANDSHAKE_TRAFFIC_SECRET", &schedule.traffic.server);
        context.write_with(2, suite, &schedule.traffic.client)?;
        context.read_with(2, suite, &schedule.traffic.server)?;
        context.inbox.expect_epoch(2);
        context.outbox.clear();
        let client = Self { schedule, terms: Terms::default(), requested: None };
        Ok(Stage::Client13(Box::new(client), Expect::EncryptedExtensions))
    }

    pub(crate) fn handle(
        mut self: Box<Self>,
        context: &mut Context,
        expect: Expect,
        message: &Message,
    ) -> Result<Step, CloseReason> {
        let next = match expect {
            Expect::EncryptedExtensions => self.extensions(context, message)?,
            Expect::CertificateRequest if message.kind == MessageKind::CERTIFICATE_REQUEST => {
                self.requested(context, message)?
            }
            Expect::CertificateRequest | Expect::Certificate => {
                Expect::CertificateVerify(proof::certificate(context, message)?)
            }
            Expect::CertificateVerify(key) => {
                proof::verify(context, &key, message)?;
                Expect::Finished
            }
            Expect::Finished => return (*self).finished(context, message),
        };
        Ok(Step::Next(Stage::Client13(self, next)))
    }

    fn extensions(
        &mut self,
        context: &mut Context,
        message: &Message,
    ) -> Result<Expect, CloseReason> {
        let body = stage::body(message, MessageKind::ENCRYPTED_EXTENSIONS)?;
        let EncryptedExtensions { extensions } = EncryptedExtensions::parse(body)?;
        let [name, srtp, alpn, limit] = terms::EXTENSIONS;
        only(extensions, &[name, srtp, alpn, limit, extension::SUPPORTED_GROUPS])?;
        self.terms = Terms::read(&context.config, extensions)?;
        context.record_limit = stage::record_limit(VERSION, self.terms.record_limit);
        context.hear(message);
        Ok(Expect::CertificateRequest)
    }

    fn requested(
        &mut self,
        context: &mut Context,
        message: &Message,
    ) -> Result<Expect, CloseReason> {
        let request = CertificateRequest13::parse(&message.body)?;
        let schemes: Option<Numbers<'_>> =
            request.extensions.read(extension::SIGNATURE_ALGORITHMS, NumberList::parse)?;
        let schemes = schemes.ok_or(fault(Alert::MISSING_EXTENSION))?;
        if !request.context.is_empty() {
            return Err(fault(Alert::ILLEGAL_PARAMETER));
        }
        self.requested = Some(identity::wanted_scheme(context, VERSION, schemes)?);
        context.hear(message);
        Ok(Expect::Certificate)
    }

    fn finished(self, context: &mut Context, message: &Message) -> Result<Step, CloseReason> {
        let crypto = context.crypto();
        let said = context.said();
        let expected = self.schedule.verify_data(&*crypto, Role::Server, said.as_bytes());
        stage::check_finished(message, &expected)?;
        context.hear(message);
        let suite = self.schedule.suite();
        let (traffic, secret) = self.schedule.application(&*crypto, context.said().as_bytes());
        context.log("CLIENT_TRAFFIC_SECRET_0", &traffic.client);
        context.log("SERVER_TRAFFIC_SECRET_0", &traffic.server);
        context.log("EXPORTER_SECRET", &secret);
        context.begin_flight(Repeats::ByTimer);
        if let Some(scheme) = self.requested {
            proof::show(context, scheme)?;
        }
        let said = context.said();
        let data = self.schedule.verify_data(&*crypto, Role::Client, said.as_bytes());
        context.say_finished(2, &data);
        context.write_with(3, suite, &traffic.client)?;
        context.read_with(3, suite, &traffic.server)?;
        context.inbox.expect_epoch(3);
        Ok(Step::Done(Box::new(Agreed::thirteen(suite, traffic, secret, self.terms))))
    }
}
