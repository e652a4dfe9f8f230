//! What either role shows and checks in DTLS 1.3: Certificate, CertificateVerify. RFC 8446 §4.4.2,
//! §4.4.3.

use alloc::sync::Arc;

use crate::flight::Message;
use crate::wire::MessageKind;
use crate::wire::message::{Certificate13, CertificateVerify};
use crate::{Alert, CloseReason, ProtocolVersion, Role, SignatureScheme};

use super::context::{Context, fault};
use super::identity::{self, PeerKey};
use super::stage;

const VERSION: ProtocolVersion = ProtocolVersion::Dtls13;
/// The epoch of the handshake's keys.
const EPOCH: u64 = 2;

/// Shows our certificate, and that we have its key; without a scheme, that we have none to show.
/// Nobody here asks with a context.
pub(super) fn show(
    context: &mut Context,
    scheme: Option<SignatureScheme>,
) -> Result<(), CloseReason> {
    let own = Arc::clone(&context.config.certificate);
    let chain = scheme.map(|_| own.chain().collect()).unwrap_or_default();
    let certificate = Certificate13 { context: &[], chain };
    context.say(MessageKind::CERTIFICATE, EPOCH, |out| certificate.write(out));
    let Some(scheme) = scheme else { return Ok(()) };
    let content = identity::signed_content(context.role, &context.said());
    let signature = identity::sign(context, scheme, &content)?;
    let signed = CertificateVerify { scheme, signature: &signature };
    context.say(MessageKind::CERTIFICATE_VERIFY, EPOCH, |out| signed.write(out));
    Ok(())
}

/// Takes the other side's certificate. Its key is not used before it was judged.
/// RFC 8827 §6.5: both sides show one.
pub(super) fn certificate(
    context: &mut Context,
    message: &Message,
) -> Result<PeerKey, CloseReason> {
    let body = stage::body(message, MessageKind::CERTIFICATE)?;
    let certificate = Certificate13::parse(body)?;
    if !certificate.context.is_empty() {
        return Err(fault(Alert::ILLEGAL_PARAMETER));
    }
    if certificate.chain.is_empty() {
        return Err(fault(match context.role {
            // RFC 8446 §4.4.2.4: a server's list that is empty cannot be read.
            Role::Client => Alert::DECODE_ERROR,
            Role::Server => Alert::CERTIFICATE_REQUIRED,
        }));
    }
    let key = PeerKey::of(context, &certificate.chain)?;
    context.hear(message);
    Ok(key)
}

/// Checks that the other side has that key.
pub(super) fn verify(
    context: &mut Context,
    key: &PeerKey,
    message: &Message,
) -> Result<(), CloseReason> {
    let signed = CertificateVerify::parse(stage::body(message, MessageKind::CERTIFICATE_VERIFY)?)?;
    let content = identity::signed_content(context.role.opposite(), &context.said());
    key.check(context, VERSION, &content, signed)?;
    context.hear(message);
    Ok(())
}
