//! What a server may answer: its hello, or the wish for another one of ours.

use alloc::boxed::Box;

use crate::flight::Message;
use crate::wire::extension::{self, Cookie, RetryGroup, SelectedVersion};
use crate::wire::message::{HelloVerifyRequest, ServerHello};
use crate::wire::{Extensions, MessageKind};
use crate::{Alert, CipherSuite, CloseReason, ProtocolVersion};

use super::super::context::{Context, fault};
use super::super::stage::Stage;
use super::super::transcript::Transcript;
use super::{Client12, Client13, Offer};

/// Takes the answer to a ClientHello.
pub(crate) fn hello(
    context: &mut Context,
    offer: Box<Offer>,
    message: &Message,
) -> Result<Stage, CloseReason> {
    match message.kind {
        MessageKind::HELLO_VERIFY_REQUEST => verify(context, offer, message),
        MessageKind::SERVER_HELLO => {
            context.records.be_frank();
            let hello = ServerHello::parse(&message.body)?;
            let selected =
                hello.extensions.read(extension::SUPPORTED_VERSIONS, SelectedVersion::parse)?;
            let version = match selected {
                Some(SelectedVersion) => ProtocolVersion::Dtls13,
                None => ProtocolVersion::Dtls12,
            };
            if !context.config.versions.contain(version) {
                return Err(fault(Alert::PROTOCOL_VERSION));
            }
            check_suite(context, &hello, version)?;
            match version {
                _ if hello.is_retry() => retry(context, offer, message, &hello),
                ProtocolVersion::Dtls12 if offer.retried.is_none() => {
                    Client12::begin(context, message, &hello)
                }
                ProtocolVersion::Dtls12 => Err(fault(Alert::ILLEGAL_PARAMETER)),
                // RFC 9147 §5.1: a server of 1.3 has another way to ask for a cookie.
                ProtocolVersion::Dtls13 if offer.verified => Err(fault(Alert::ILLEGAL_PARAMETER)),
                ProtocolVersion::Dtls13 => Client13::begin(context, *offer, message, &hello),
            }
        }
        _ => Err(fault(Alert::UNEXPECTED_MESSAGE)),
    }
}

/// RFC 8446 §4.1.3: a suite that we offered, for this version. A session of 1.3 has no id to repeat
/// (RFC 9147 §5).
fn check_suite(
    context: &Context,
    hello: &ServerHello<'_>,
    version: ProtocolVersion,
) -> Result<(), CloseReason> {
    let echo = version == ProtocolVersion::Dtls13 && !hello.session_id.is_empty();
    let offered = context.config.usable_suites(version).any(|suite| suite == hello.suite);
    if !offered || echo {
        return Err(fault(Alert::ILLEGAL_PARAMETER));
    }
    Ok(())
}

/// RFC 6347 §4.2.1: the same ClientHello once more, with a cookie; what was said before does not
/// count.
fn verify(
    context: &mut Context,
    mut offer: Box<Offer>,
    message: &Message,
) -> Result<Stage, CloseReason> {
    let request = HelloVerifyRequest::parse(&message.body)?;
    if offer.verified || offer.retried.is_some() {
        return Err(fault(Alert::UNEXPECTED_MESSAGE));
    }
    if !context.config.versions.contain(ProtocolVersion::Dtls12) {
        return Err(fault(Alert::PROTOCOL_VERSION));
    }
    offer.verified = true;
    context.transcript = Transcript::default();
    offer.say(context, request.cookie, None);
    Ok(Stage::Hello(offer))
}

/// RFC 8446 §4.1.4: another share, or a cookie, or both.
fn retry(
    context: &mut Context,
    mut offer: Box<Offer>,
    message: &Message,
    hello: &ServerHello<'_>,
) -> Result<Stage, CloseReason> {
    let version_13 = hello.extensions.has(extension::SUPPORTED_VERSIONS);
    if offer.retried.is_some() || offer.verified || !version_13 {
        return Err(fault(Alert::UNEXPECTED_MESSAGE));
    }
    only(
        hello.extensions,
        &[extension::SUPPORTED_VERSIONS, extension::KEY_SHARE, extension::COOKIE],
    )?;
    let group = hello.extensions.read(extension::KEY_SHARE, RetryGroup::parse)?;
    let cookie = hello.extensions.read(extension::COOKIE, Cookie::parse)?;
    if group.is_none() && cookie.is_none() {
        return Err(fault(Alert::ILLEGAL_PARAMETER));
    }
    let crypto = context.crypto();
    if let Some(RetryGroup(group)) = group {
        let known = context.config.usable_groups().any(|known| known == group);
        if !known || offer.shares.iter().any(|(shared, _)| *shared == group) {
            return Err(fault(Alert::ILLEGAL_PARAMETER));
        }
        offer.shares = vec![(group, crypto.key_share(group, &mut *context.rng)?)];
    }
    offer.retried = Some(hello.suite);
    context.version = Some(ProtocolVersion::Dtls13);
    context.transcript.retry(hello.suite.hash(), &*crypto);
    context.hear(message);
    offer.say(context, &[], cookie);
    Ok(Stage::Hello(offer))
}

/// Extensions that answer what we did not offer are not taken (RFC 8446 §4.2).
pub(super) fn only(extensions: Extensions<'_>, allowed: &[u16]) -> Result<(), CloseReason> {
    match extensions.iter().all(|(number, _)| allowed.contains(&number)) {
        true => Ok(()),
        false => Err(fault(Alert::UNSUPPORTED_EXTENSION)),
    }
}

/// A suite that a HelloRetryRequest has chosen stays.
pub(super) fn same_suite(offer: &Offer, suite: CipherSuite) -> Result<(), CloseReason> {
    match offer.retried {
        Some(before) if before != suite => Err(fault(Alert::ILLEGAL_PARAMETER)),
        _ => Ok(()),
    }
}
