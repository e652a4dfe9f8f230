//! The client of DTLS 1.2, from ServerHello on. RFC 5246 §7.3, RFC 6347 §4.2.4.
//!
//! ```text
//!   C                                S
//!   ├─ ClientHello ────────────────► │
//!   │ ◄───────────────── ServerHello ┤
//!   │ ◄───────────────── Certificate ┤   it is judged here
//!   │ ◄─────────── ServerKeyExchange ┤
//!   │ ◄────────── CertificateRequest ┤
//!   │ ◄───────────── ServerHelloDone ┤
//!   ├─ Certificate ────────────────► │
//!   ├─ ClientKeyExchange ──────────► │
//!   ├─ CertificateVerify ──────────► │
//!   ├─ [ChangeCipherSpec], Finished ► │   epoch 1
//!   │ ◄─ [ChangeCipherSpec], Finished ┤
//! ```

use alloc::boxed::Box;
use alloc::sync::Arc;

use crate::flight::{Message, Repeats};
use crate::schedule::twelve::{Master, Randoms};
use crate::wire::MessageKind;
use crate::wire::extension;
use crate::wire::message::{
    Certificate12, CertificateRequest12, CertificateVerify, ClientKeyExchange, ServerHello,
    ServerKeyExchange,
};
use crate::{Alert, CipherSuite, CloseReason, NamedGroup, ProtocolVersion, Role, SignatureScheme};

use super::super::context::{Context, fault};
use super::super::identity::{self, PeerKey};
use super::super::stage::{self, Agreed, Stage, Step};
use super::super::terms::{self, Terms};
use super::answer::only;

const VERSION: ProtocolVersion = ProtocolVersion::Dtls12;
/// RFC 8446 §4.1.3: what a server's random ends with that speaks a newer version, before its last
/// byte: 1 if that is 1.3, 0 if it is 1.2 and this were older still.
pub(crate) const DOWNGRADE: [u8; 7] = *b"DOWNGRD";

/// A client that knows what the server has chosen.
pub(crate) struct Client12 {
    suite: CipherSuite,
    randoms: Randoms,
    terms: Terms,
}

/// The message that comes next.
pub(crate) enum Expect {
    Certificate,
    ServerKeyExchange(PeerKey),
    /// Or that this was all.
    CertificateRequest(Theirs),
    ServerHelloDone(Theirs, Option<SignatureScheme>),
    Finished(Box<Master>),
}

/// The server's share, which it has signed.
pub(crate) struct Theirs {
    group: NamedGroup,
    share: Vec<u8>,
}

impl Client12 {
    pub(super) fn begin(
        context: &mut Context,
        message: &Message,
        hello: &ServerHello<'_>,
    ) -> Result<Stage, CloseReason> {
        let [name, srtp, alpn, limit] = terms::EXTENSIONS;
        only(
            hello.extensions,
            &[
                extension::EXTENDED_MASTER_SECRET,
                extension::RENEGOTIATION_INFO,
                extension::EC_POINT_FORMATS,
                // RFC 8422 §5.1.1 has it in ClientHellos alone; servers of webrtc-rs say it
                // too. It means nothing here.
                extension::SUPPORTED_GROUPS,
                name,
                srtp,
                alpn,
                limit,
            ],
        )?;
        // RFC 7627 §5.2: without it, what is exported could be another connection's too.
        if hello.extensions.find(extension::EXTENDED_MASTER_SECRET) != Some(&[]) {
            return Err(fault(Alert::HANDSHAKE_FAILURE));
        }
        if hello.extensions.find(extension::RENEGOTIATION_INFO).is_some_and(|info| info != [0]) {
            return Err(fault(Alert::HANDSHAKE_FAILURE));
        }
        let [.., last] = *hello.random;
        let warned = hello.random.ends_with(&[&DOWNGRADE[..], &[last]].concat()) && last <= 1;
        if warned && context.config.versions.contain(ProtocolVersion::Dtls13) {
            return Err(fault(Alert::ILLEGAL_PARAMETER));
        }
        let terms = Terms::read(&context.config, hello.extensions)?;
        context.decide(VERSION, hello.suite);
        context.hear(message);
        let randoms = Randoms { client: context.client_random, server: *hello.random };
        let client = Self { suite: hello.suite, randoms, terms };
        Ok(Stage::Client12(Box::new(client), Expect::Certificate))
    }

    pub(crate) fn handle(
        self: Box<Self>,
        context: &mut Context,
        expect: Expect,
        message: &Message,
    ) -> Result<Step, CloseReason> {
        let next = match expect {
            Expect::Certificate => self.certificate(context, message)?,
            Expect::ServerKeyExchange(key) => self.key_exchange(context, &key, message)?,
            Expect::CertificateRequest(theirs)
                if message.kind == MessageKind::CERTIFICATE_REQUEST =>
            {
                let request = CertificateRequest12::parse(&message.body)?;
                let scheme = identity::wanted_scheme(context, VERSION, request.schemes)?;
                context.hear(message);
                Expect::ServerHelloDone(theirs, scheme)
            }
            Expect::CertificateRequest(theirs) => self.done(context, &theirs, None, message)?,
            Expect::ServerHelloDone(theirs, scheme) => {
                self.done(context, &theirs, Some(scheme), message)?
            }
            Expect::Finished(master) => return self.finished(context, *master, message),
        };
        Ok(Step::Next(Stage::Client12(self, next)))
    }

    /// Takes the server's certificate. Its key is not used before it was judged.
    fn certificate(&self, context: &mut Context, message: &Message) -> Result<Expect, CloseReason> {
        let body = stage::body(message, MessageKind::CERTIFICATE)?;
        let Certificate12 { chain } = Certificate12::parse(body)?;
        if chain.is_empty() {
            return Err(fault(Alert::DECODE_ERROR));
        }
        let key = PeerKey::of(context, &chain)?;
        if !self.suite.suits(key.kind()) {
            return Err(fault(Alert::UNSUPPORTED_CERTIFICATE));
        }
        context.hear(message);
        Ok(Expect::ServerKeyExchange(key))
    }

    fn key_exchange(
        &self,
        context: &mut Context,
        key: &PeerKey,
        message: &Message,
    ) -> Result<Expect, CloseReason> {
        let body = stage::body(message, MessageKind::SERVER_KEY_EXCHANGE)?;
        let ServerKeyExchange { group, share, signed } = ServerKeyExchange::parse(body)?;
        if !context.config.usable_curves().any(|known| known == group) {
            return Err(fault(Alert::ILLEGAL_PARAMETER));
        }
        // RFC 8422 §5.4: both randoms, and what is chosen.
        let mut content = [self.randoms.client, self.randoms.server].concat();
        ServerKeyExchange::write_parameters(group, share, &mut content);
        key.check(context, VERSION, &content, signed)?;
        context.hear(message);
        Ok(Expect::CertificateRequest(Theirs { group, share: share.to_vec() }))
    }

    /// The server has said all; our flight answers it.
    fn done(
        &self,
        context: &mut Context,
        theirs: &Theirs,
        requested: Option<Option<SignatureScheme>>,
        message: &Message,
    ) -> Result<Expect, CloseReason> {
        if !stage::body(message, MessageKind::SERVER_HELLO_DONE)?.is_empty() {
            return Err(fault(Alert::DECODE_ERROR));
        }
        context.hear(message);
        let crypto = context.crypto();
        let own = crypto.key_share(theirs.group, &mut *context.rng)?;
        context.group = Some(theirs.group);
        context.begin_flight(Repeats::ByTimer);
        if let Some(scheme) = requested {
            let own = Arc::clone(&context.config.certificate);
            let chain = scheme.map(|_| own.chain().collect()).unwrap_or_default();
            let certificate = Certificate12 { chain };
            context.say(MessageKind::CERTIFICATE, 0, |out| certificate.write(out));
        }
        let share = ClientKeyExchange { share: own.share() };
        context.say(MessageKind::CLIENT_KEY_EXCHANGE, 0, |out| share.write(out));
        let shared = own.agree(&theirs.share).map_err(|_| fault(Alert::ILLEGAL_PARAMETER))?;
        let session = context.said();
        let (shared, session) = (shared.as_bytes(), session.as_bytes());
        let master = Master::new(&*crypto, self.suite, self.randoms, shared, session);
        context.log("CLIENT_RANDOM", &master.secret);
        if let Some(scheme) = requested.flatten() {
            let messages = context.transcript.messages().to_vec();
            let signature = identity::sign(context, scheme, &messages)?;
            let signed = CertificateVerify { scheme, signature: &signature };
            context.say(MessageKind::CERTIFICATE_VERIFY, 0, |out| signed.write(out));
        }
        let [client, server] = master.keys(&*crypto)?;
        context.records.add_write(VERSION, 1, client);
        context.records.add_read(1, server);
        context.inbox.expect_epoch(1);
        context.outbox.push_change_cipher_spec();
        let data = master.verify_data(&*crypto, Role::Client, context.said().as_bytes());
        context.say_finished(1, &data);
        Ok(Expect::Finished(Box::new(master)))
    }

    fn finished(
        &self,
        context: &mut Context,
        master: Master,
        message: &Message,
    ) -> Result<Step, CloseReason> {
        let crypto = context.crypto();
        let expected = master.verify_data(&*crypto, Role::Server, context.said().as_bytes());
        stage::check_finished(message, &expected)?;
        context.outbox.clear();
        Ok(Step::Done(Box::new(Agreed::twelve(master, self.terms.clone()))))
    }
}
