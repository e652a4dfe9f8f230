//! The server of DTLS 1.3, from the ClientHello on. RFC 8446 §2; the ladder is with the client.

use alloc::boxed::Box;

use subtle::ConstantTimeEq;

use crate::flight::{Message, Repeats};
use crate::schedule::Secret;
use crate::schedule::thirteen::{self, Traffic};
use crate::wire::extension::{
    self, Cookie, KeyShareEntry, KeyShares, NumberList, RetryGroup, SelectedVersion,
};
use crate::wire::message::{
    CertificateRequest13, ClientHello, EncryptedExtensions, RETRY, ServerHello,
};
use crate::wire::{Extensions, MessageKind};
use crate::{
    Alert, CipherSuite, ClientAuthentication, CloseReason, NamedGroup, ProtocolVersion, Role,
    SignatureScheme,
};

use super::super::context::{Context, Sending, fault};
use super::super::identity::{self, PeerKey};
use super::super::proof;
use super::super::stage::{self, Agreed, Stage, Step};
use super::super::terms::Terms;
use super::listen::{self, Listen};

const VERSION: ProtocolVersion = ProtocolVersion::Dtls13;

/// A server that has said all, and does not know yet to whom.
pub(crate) struct Server13 {
    schedule: thirteen::Handshake,
    traffic: Traffic,
    exporter: Secret,
    terms: Terms,
}

/// The message that comes next.
pub(crate) enum Expect {
    Certificate,
    CertificateVerify(PeerKey),
    Finished,
}

/// What is taken of a ClientHello.
struct Choice {
    suite: CipherSuite,
    scheme: SignatureScheme,
    terms: Terms,
}

impl Server13 {
    /// Takes a ClientHello and answers it with our whole flight, or asks for another one.
    pub(super) fn begin(
        context: &mut Context,
        listen: Listen,
        message: &Message,
        hello: &ClientHello<'_>,
    ) -> Result<Stage, CloseReason> {
        let choice = choose(context, hello)?;
        let shares = hello.extensions.read(extension::KEY_SHARE, KeyShares::parse)?;
        let groups = hello.extensions.read(extension::SUPPORTED_GROUPS, NumberList::parse)?;
        let (Some(shares), Some(groups)) = (shares, groups) else {
            return Err(fault(Alert::MISSING_EXTENSION));
        };
        let (first, shared) = {
            let ours = context.config.usable_groups();
            let mut common = ours.filter(|group| groups.contains(group.0));
            let first = common.clone().next().ok_or(fault(Alert::HANDSHAKE_FAILURE))?;
            (first, common.find_map(|group| shares.of(group).map(|share| (group, share))))
        };
        context.decide(VERSION, choice.suite);
        match (listen, shared) {
            (Listen::First, None) => retry(context, &choice, message, hello, Some(first)),
            (Listen::First, Some(_)) if context.config.cookies => {
                retry(context, &choice, message, hello, None)
            }
            (Listen::First | Listen::Verified { .. }, Some((group, share))) => {
                context.hear(message);
                Self::answer(context, &choice, group, share)
            }
            (Listen::Retried { suite, group: wanted, cookie }, Some((group, share)))
                if suite == choice.suite
                    && wanted
                        .is_none_or(|wanted| wanted == group && shares.iter().count() == 1) =>
            {
                let sent = hello.extensions.read(extension::COOKIE, Cookie::parse)?;
                let matches = match (&cookie, sent) {
                    (Some(cookie), Some(sent)) => sent.0.ct_eq(cookie).into(),
                    (None, None) => true,
                    _ => false,
                };
                if !matches {
                    return Err(fault(Alert::ILLEGAL_PARAMETER));
                }
                context.hear(message);
                Self::answer(context, &choice, group, share)
            }
            // RFC 8446 §4.1.2: not the share that we have asked for.
            _ => Err(fault(Alert::ILLEGAL_PARAMETER)),
        }
    }

    /// Says all that a server says.
    fn answer(
        context: &mut Context,
        choice: &Choice,
        group: NamedGroup,
        theirs: &[u8],
    ) -> Result<Stage, CloseReason> {
        let (crypto, suite) = (context.crypto(), choice.suite);
        let answered = crypto.respond(group, theirs, &mut *context.rng);
        let (share, shared) = answered.map_err(|_| fault(Alert::ILLEGAL_PARAMETER))?;
        context.group = Some(group);
        context.widen_inbox();
        context.begin_flight(Repeats::ByTimer);
        let mut random = [0; 32];
        context.rng.fill(&mut random);
        say_hello(context, suite, &random, |block| {
            let entry = KeyShareEntry { group, share: &share };
            extension::put(block, extension::KEY_SHARE, |out| entry.write(out));
        });
        let said = context.said();
        let schedule =
            thirteen::Handshake::new(&*crypto, suite, shared.as_bytes(), said.as_bytes());
        context.log("CLIENT_HANDSHAKE_TRAFFIC_SECRET", &schedule.traffic.client);
        context.log("SERVER_HANDSHAKE_TRAFFIC_SECRET", &schedule.traffic.server);
        context.write_with(2, suite, &schedule.traffic.server)?;
        context.read_with(2, suite, &schedule.traffic.client)?;
        context.inbox.expect_epoch(2);
        let record_limit = stage::record_limit(VERSION, choice.terms.record_limit);
        context.record_limit = record_limit;
        say_extensions(context, choice);
        let required = context.config.client_authentication == ClientAuthentication::Required;
        if required {
            say_request(context);
        }
        proof::show(context, Some(choice.scheme))?;
        let said = context.said();
        let data = schedule.verify_data(&*crypto, Role::Server, said.as_bytes());
        context.say_finished(2, &data);
        let (traffic, exporter) = schedule.application(&*crypto, context.said().as_bytes());
        context.log("CLIENT_TRAFFIC_SECRET_0", &traffic.client);
        context.log("SERVER_TRAFFIC_SECRET_0", &traffic.server);
        context.log("EXPORTER_SECRET", &exporter);
        context.write_with(3, suite, &traffic.server)?;
        if context.config.early_server_data {
            context.early = Some(Sending { framing: suite.framing(VERSION), record_limit });
        }
        let server = Self { schedule, traffic, exporter, terms: choice.terms.clone() };
        let first = if required { Expect::Certificate } else { Expect::Finished };
        Ok(Stage::Server13(Box::new(server), first))
    }

    pub(crate) fn handle(
        self: Box<Self>,
        context: &mut Context,
        expect: Expect,
        message: &Message,
    ) -> Result<Step, CloseReason> {
        let next = match expect {
            Expect::Certificate => Expect::CertificateVerify(proof::certificate(context, message)?),
            Expect::CertificateVerify(key) => {
                proof::verify(context, &key, message)?;
                Expect::Finished
            }
            Expect::Finished => return self.finished(context, message),
        };
        Ok(Step::Next(Stage::Server13(self, next)))
    }

    fn finished(
        self: Box<Self>,
        context: &mut Context,
        message: &Message,
    ) -> Result<Step, CloseReason> {
        let crypto = context.crypto();
        let said = context.said();
        let expected = self.schedule.verify_data(&*crypto, Role::Client, said.as_bytes());
        stage::check_finished(message, &expected)?;
        let suite = self.schedule.suite();
        context.outbox.clear();
        context.read_with(3, suite, &self.traffic.client)?;
        context.records.forget_write(3);
        context.inbox.expect_epoch(3);
        let Self { traffic, exporter, terms, .. } = *self;
        let agreed = Agreed::thirteen(suite, traffic, exporter, terms);
        Ok(Step::Done(Box::new(agreed)))
    }
}

/// What of the client's offers we take.
fn choose(context: &Context, hello: &ClientHello<'_>) -> Result<Choice, CloseReason> {
    let mut suites = context.config.usable_suites(VERSION);
    let suite = suites.find(|suite| hello.suites.contains(suite.0));
    let suite = suite.ok_or(fault(Alert::HANDSHAKE_FAILURE))?;
    let schemes = listen::schemes(hello)?.ok_or(fault(Alert::MISSING_EXTENSION))?;
    let scheme = identity::scheme(context, VERSION, schemes)?;
    let terms = Terms::choose(&context.config, hello.extensions)?;
    Ok(Choice { suite, scheme, terms })
}

/// RFC 8446 §4.1.4: asks for a share in a group, and that a cookie be repeated.
fn retry(
    context: &mut Context,
    choice: &Choice,
    message: &Message,
    hello: &ClientHello<'_>,
    group: Option<NamedGroup>,
) -> Result<Stage, CloseReason> {
    if hello.extensions.has(extension::COOKIE) {
        return Err(fault(Alert::ILLEGAL_PARAMETER));
    }
    let crypto = context.crypto();
    context.hear(message);
    context.transcript.retry(choice.suite.hash(), &*crypto);
    let mut bytes = [0; 32];
    context.rng.fill(&mut bytes);
    let cookie = context.config.cookies.then_some(bytes);
    context.begin_flight(Repeats::OnDemand);
    say_hello(context, choice.suite, &RETRY, |block| {
        if let Some(group) = group {
            extension::put(block, extension::KEY_SHARE, |out| RetryGroup(group).write(out));
        }
        if let Some(cookie) = &cookie {
            extension::put(block, extension::COOKIE, |out| Cookie(cookie).write(out));
        }
    });
    Ok(Stage::Listen(Listen::Retried { suite: choice.suite, group, cookie }))
}

fn say_hello(
    context: &mut Context,
    suite: CipherSuite,
    random: &[u8; 32],
    more: impl FnOnce(&mut Vec<u8>),
) {
    let mut block = Vec::new();
    extension::put(&mut block, extension::SUPPORTED_VERSIONS, SelectedVersion::write);
    more(&mut block);
    // RFC 9147 §5.4: the client's session id is not repeated.
    let extensions = Extensions::written(&block);
    let hello = ServerHello { random, session_id: &[], suite, extensions };
    context.say(MessageKind::SERVER_HELLO, 0, |out| hello.write(out));
}

fn say_extensions(context: &mut Context, choice: &Choice) {
    let mut block = Vec::new();
    choice.terms.answer(&context.config, VERSION, &mut block);
    let extensions = EncryptedExtensions { extensions: Extensions::written(&block) };
    context.say(MessageKind::ENCRYPTED_EXTENSIONS, 2, |out| extensions.write(out));
}

/// Wants to know who the client is.
fn say_request(context: &mut Context) {
    let mut block = Vec::new();
    let schemes = context.config.verified().map(|scheme| scheme.0);
    extension::put(&mut block, extension::SIGNATURE_ALGORITHMS, |out| {
        NumberList::write(schemes, out);
    });
    let request = CertificateRequest13 { context: &[], extensions: Extensions::written(&block) };
    context.say(MessageKind::CERTIFICATE_REQUEST, 2, |out| request.write(out));
}
