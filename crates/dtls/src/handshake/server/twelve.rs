//! The server of DTLS 1.2, from the ClientHello on. RFC 5246 §7.3; the ladder is with the client.

use alloc::boxed::Box;
use alloc::sync::Arc;

use crate::crypto::KeyShare;
use crate::flight::{Message, Repeats};
use crate::schedule::twelve::{Master, Randoms};
use crate::wire::extension::{self, NumberList};
use crate::wire::message::{
    Certificate12, CertificateRequest12, CertificateVerify, ClientHello, ClientKeyExchange,
    ServerHello, ServerKeyExchange,
};
use crate::wire::{Extensions, MessageKind, Numbers, writer};
use crate::{
    Alert, CipherSuite, ClientAuthentication, CloseReason, NamedGroup, ProtocolVersion, Role,
    SignatureScheme,
};

use super::super::client::DOWNGRADE;
use super::super::context::{Context, fault};
use super::super::identity::{self, PeerKey};
use super::super::stage::{self, Agreed, Stage, Step};
use super::super::terms::Terms;
use super::listen;

const VERSION: ProtocolVersion = ProtocolVersion::Dtls12;

/// A server that has said what it chose.
pub(crate) struct Server12 {
    suite: CipherSuite,
    randoms: Randoms,
    terms: Terms,
}

/// The message that comes next.
pub(crate) enum Expect {
    Certificate(Box<dyn KeyShare>),
    /// Without a key if nobody asked for one.
    ClientKeyExchange(Box<dyn KeyShare>, Option<PeerKey>),
    CertificateVerify(Box<Master>, PeerKey),
    Finished(Box<Master>),
}

impl Server12 {
    /// Takes a ClientHello and answers it.
    pub(super) fn begin(
        context: &mut Context,
        message: &Message,
        hello: &ClientHello<'_>,
    ) -> Result<Stage, CloseReason> {
        let extensions = hello.extensions;
        // RFC 7627 §5.3, and RFC 5746 §3.6: this is no renegotiation.
        let renegotiation = extensions.find(extension::RENEGOTIATION_INFO);
        if extensions.find(extension::EXTENDED_MASTER_SECRET) != Some(&[])
            || renegotiation.is_some_and(|info| info != [0])
        {
            return Err(fault(Alert::HANDSHAKE_FAILURE));
        }
        let kind = context.config.certificate.signer().kind();
        let suits = |suite: &CipherSuite| suite.suits(kind) && hello.suites.contains(suite.0);
        let suite = context.config.usable_suites(VERSION).find(suits);
        let suite = suite.ok_or(fault(Alert::HANDSHAKE_FAILURE))?;
        let schemes = listen::schemes(hello)?.ok_or(fault(Alert::HANDSHAKE_FAILURE))?;
        let scheme = identity::scheme(context, VERSION, schemes)?;
        let group = group(context, hello)?;
        let terms = Terms::choose(&context.config, extensions)?;
        context.decide(VERSION, suite);
        context.hear(message);
        let randoms = Randoms { client: *hello.random, server: random(context) };
        let server = Self { suite, randoms, terms };
        context.widen_inbox();
        context.begin_flight(Repeats::ByTimer);
        server.say_hello(context, hello);
        let own = Arc::clone(&context.config.certificate);
        let certificate = Certificate12 { chain: own.chain().collect() };
        context.say(MessageKind::CERTIFICATE, 0, |out| certificate.write(out));
        let share = server.say_share(context, group, scheme)?;
        let first = match context.config.client_authentication {
            ClientAuthentication::Required => {
                let mut schemes = Vec::new();
                writer::numbers(&mut schemes, context.config.verified().map(|scheme| scheme.0));
                let request = CertificateRequest12 { schemes: Numbers::parse(&schemes)? };
                context.say(MessageKind::CERTIFICATE_REQUEST, 0, |out| request.write(out));
                Expect::Certificate(share)
            }
            ClientAuthentication::NotRequested => Expect::ClientKeyExchange(share, None),
        };
        context.say(MessageKind::SERVER_HELLO_DONE, 0, |_| {});
        Ok(Stage::Server12(Box::new(server), first))
    }

    fn say_hello(&self, context: &mut Context, client: &ClientHello<'_>) {
        let mut block = Vec::new();
        let out = &mut block;
        extension::put(out, extension::EXTENDED_MASTER_SECRET, |_| {});
        // RFC 5746 §3.6: as an extension, or as a suite that is none.
        const SCSV: u16 = 0x00FF;
        if client.extensions.has(extension::RENEGOTIATION_INFO) || client.suites.contains(SCSV) {
            extension::put(out, extension::RENEGOTIATION_INFO, |out| out.push(0));
        }
        if client.extensions.has(extension::EC_POINT_FORMATS) {
            extension::put(out, extension::EC_POINT_FORMATS, |out| out.extend_from_slice(&[1, 0]));
        }
        self.terms.answer(&context.config, VERSION, out);
        let hello = ServerHello {
            random: &self.randoms.server,
            session_id: &[],
            suite: self.suite,
            extensions: Extensions::written(&block),
        };
        context.say(MessageKind::SERVER_HELLO, 0, |out| hello.write(out));
    }

    /// Says our share, signed with both randoms (RFC 8422 §5.4).
    fn say_share(
        &self,
        context: &mut Context,
        group: NamedGroup,
        scheme: SignatureScheme,
    ) -> Result<Box<dyn KeyShare>, CloseReason> {
        let own = context.crypto().key_share(group, &mut *context.rng)?;
        context.group = Some(group);
        let mut content = [self.randoms.client, self.randoms.server].concat();
        ServerKeyExchange::write_parameters(group, own.share(), &mut content);
        let signature = identity::sign(context, scheme, &content)?;
        let signed = CertificateVerify { scheme, signature: &signature };
        let exchange = ServerKeyExchange { group, share: own.share(), signed };
        context.say(MessageKind::SERVER_KEY_EXCHANGE, 0, |out| exchange.write(out));
        Ok(own)
    }

    pub(crate) fn handle(
        self: Box<Self>,
        context: &mut Context,
        expect: Expect,
        message: &Message,
    ) -> Result<Step, CloseReason> {
        let next = match expect {
            Expect::Certificate(share) => {
                let body = stage::body(message, MessageKind::CERTIFICATE)?;
                // RFC 5246 §7.4.6, RFC 8827 §6.5: both sides show a certificate.
                let Certificate12 { chain } = Certificate12::parse(body)?;
                if chain.is_empty() {
                    return Err(fault(Alert::HANDSHAKE_FAILURE));
                }
                let key = PeerKey::of(context, &chain)?;
                context.hear(message);
                Expect::ClientKeyExchange(share, Some(key))
            }
            Expect::ClientKeyExchange(share, key) => {
                let master = Box::new(self.key_exchange(context, share, message)?);
                match key {
                    Some(key) => Expect::CertificateVerify(master, key),
                    None => {
                        context.inbox.expect_epoch(1);
                        Expect::Finished(master)
                    }
                }
            }
            Expect::CertificateVerify(master, key) => {
                let body = stage::body(message, MessageKind::CERTIFICATE_VERIFY)?;
                let signed = CertificateVerify::parse(body)?;
                key.check(context, VERSION, context.transcript.messages(), signed)?;
                context.hear(message);
                context.inbox.expect_epoch(1);
                Expect::Finished(master)
            }
            Expect::Finished(master) => return self.finished(context, *master, message),
        };
        Ok(Step::Next(Stage::Server12(self, next)))
    }

    fn key_exchange(
        &self,
        context: &mut Context,
        own: Box<dyn KeyShare>,
        message: &Message,
    ) -> Result<Master, CloseReason> {
        let body = stage::body(message, MessageKind::CLIENT_KEY_EXCHANGE)?;
        let theirs = ClientKeyExchange::parse(body)?;
        let shared = own.agree(theirs.share).map_err(|_| fault(Alert::ILLEGAL_PARAMETER))?;
        context.hear(message);
        let crypto = context.crypto();
        let session = context.said();
        let (shared, session) = (shared.as_bytes(), session.as_bytes());
        let master = Master::new(&*crypto, self.suite, self.randoms, shared, session);
        context.log("CLIENT_RANDOM", &master.secret);
        let [client, server] = master.keys(&*crypto)?;
        context.records.add_read(1, client);
        context.records.add_write(VERSION, 1, server);
        Ok(master)
    }

    fn finished(
        &self,
        context: &mut Context,
        master: Master,
        message: &Message,
    ) -> Result<Step, CloseReason> {
        let crypto = context.crypto();
        let expected = master.verify_data(&*crypto, Role::Client, context.said().as_bytes());
        stage::check_finished(message, &expected)?;
        context.hear(message);
        context.begin_flight(Repeats::OnDemand);
        context.outbox.push_change_cipher_spec();
        let data = master.verify_data(&*crypto, Role::Server, context.said().as_bytes());
        context.say_finished(1, &data);
        Ok(Step::Done(Box::new(Agreed::twelve(master, self.terms.clone()))))
    }
}

/// A curve that both have; who lists none has P-256 (RFC 8422 §4).
fn group(context: &Context, hello: &ClientHello<'_>) -> Result<NamedGroup, CloseReason> {
    let theirs = hello.extensions.read(extension::SUPPORTED_GROUPS, NumberList::parse)?;
    let common = |group: &NamedGroup| match theirs {
        Some(theirs) => theirs.contains(group.0),
        None => *group == NamedGroup::P256,
    };
    context.config.usable_curves().find(common).ok_or(fault(Alert::HANDSHAKE_FAILURE))
}

/// RFC 8446 §4.1.3: a server that speaks 1.3 says so where a forger of the ClientHello cannot
/// reach.
fn random(context: &mut Context) -> [u8; 32] {
    let mut random = [0; 32];
    context.rng.fill(&mut random);
    if context.config.versions.contain(ProtocolVersion::Dtls13)
        && let Some((_, end)) = random.split_last_chunk_mut::<8>()
    {
        let [mark @ .., last] = end;
        *mark = DOWNGRADE;
        *last = 1;
    }
    random
}
