//! The ClientHello: which version it is going to be, and whether to ask once more.
//!
//! Nothing is decided before all of it is there: since it carries X25519MLKEM768, the extension
//! that names the versions may be in its second datagram.

use subtle::ConstantTimeEq;

use crate::flight::{Message, Repeats};
use crate::wire::extension::{self, NumberList, SupportedVersions};
use crate::wire::message::{ClientHello, HelloVerifyRequest};
use crate::wire::{MessageKind, Numbers};
use crate::{Alert, CipherSuite, CloseReason, NamedGroup, ProtocolVersion};

use super::super::context::{Context, fault};
use super::super::stage::{self, Stage};
use super::super::transcript::Transcript;
use super::{Server12, Server13};

/// What a server has said to a ClientHello that it wants to see again.
#[derive(Default)]
pub(crate) enum Listen {
    /// Nothing: this is the first.
    #[default]
    First,
    /// HelloVerifyRequest, with this cookie.
    Verified { cookie: [u8; 32] },
    /// HelloRetryRequest, for a share in this group, with this cookie.
    Retried { suite: CipherSuite, group: Option<NamedGroup>, cookie: Option<[u8; 32]> },
}

/// Takes a ClientHello.
pub(crate) fn hello(
    context: &mut Context,
    listen: Listen,
    message: &Message,
) -> Result<Stage, CloseReason> {
    let hello = ClientHello::parse(stage::body(message, MessageKind::CLIENT_HELLO)?)?;
    context.client_random = *hello.random;
    match (version(context, &hello)?, listen) {
        (ProtocolVersion::Dtls12, Listen::First) if context.config.cookies => {
            let mut cookie = [0; 32];
            context.rng.fill(&mut cookie);
            context.begin_flight(Repeats::OnDemand);
            context.say(MessageKind::HELLO_VERIFY_REQUEST, 0, |out| {
                HelloVerifyRequest { cookie: &cookie }.write(out);
            });
            // RFC 6347 §4.2.1: neither counts.
            context.transcript = Transcript::default();
            Ok(Stage::Listen(Listen::Verified { cookie }))
        }
        (ProtocolVersion::Dtls12, Listen::Verified { cookie })
            if !bool::from(hello.cookie.ct_eq(&cookie)) =>
        {
            Err(fault(Alert::ILLEGAL_PARAMETER))
        }
        (ProtocolVersion::Dtls12, Listen::First | Listen::Verified { .. }) => {
            Server12::begin(context, message, &hello)
        }
        (ProtocolVersion::Dtls13, Listen::First | Listen::Retried { .. })
            if !hello.cookie.is_empty() =>
        {
            // RFC 9147 §5.3.
            Err(fault(Alert::ILLEGAL_PARAMETER))
        }
        (ProtocolVersion::Dtls13, listen @ (Listen::First | Listen::Retried { .. })) => {
            Server13::begin(context, listen, message, &hello)
        }
        // A second ClientHello that means something else than the first.
        (ProtocolVersion::Dtls12, Listen::Retried { .. })
        | (ProtocolVersion::Dtls13, Listen::Verified { .. }) => {
            Err(fault(Alert::ILLEGAL_PARAMETER))
        }
    }
}

/// RFC 8446 §4.2.1: the newest version of ours that the client lists, or 1.2 if it lists none.
fn version(context: &Context, hello: &ClientHello<'_>) -> Result<ProtocolVersion, CloseReason> {
    let ours = context.config.versions.list();
    let offered = hello.extensions.read(extension::SUPPORTED_VERSIONS, SupportedVersions::parse)?;
    let found = match offered {
        Some(offered) => ours.iter().find(|version| offered.contains(**version)),
        // Versions count downwards.
        None if hello.version <= ProtocolVersion::Dtls12.wire() => {
            ours.iter().find(|version| **version == ProtocolVersion::Dtls12)
        }
        None => None,
    };
    found.copied().ok_or(fault(Alert::PROTOCOL_VERSION))
}

/// The schemes by which the client verifies (RFC 8446 §4.2.3).
pub(super) fn schemes<'a>(hello: &ClientHello<'a>) -> Result<Option<Numbers<'a>>, CloseReason> {
    Ok(hello.extensions.read(extension::SIGNATURE_ALGORITHMS, NumberList::parse)?)
}
