//! The ClientHello: all that we can do, and shares for the likeliest groups.

use alloc::boxed::Box;

use crate::crypto::{CryptoError, KeyShare};
use crate::flight::Repeats;
use crate::wire::extension::{
    self, Cookie, KeyShareEntry, KeyShares, NumberList, SupportedVersions,
};
use crate::wire::message::ClientHello;
use crate::wire::{Extensions, MessageKind, Numbers, writer};
use crate::{CipherSuite, NamedGroup, ProtocolVersion};

use super::super::context::Context;
use super::super::stage::Stage;
use super::super::terms::Terms;

/// Groups that get a share at once: what browsers have, so that nobody asks again.
const SHARES: usize = 2;

/// A ClientHello that has not been answered.
pub(crate) struct Offer {
    pub(super) shares: Vec<(NamedGroup, Box<dyn KeyShare>)>,
    /// What a HelloRetryRequest chose (RFC 8446 §4.1.4: once).
    pub(super) retried: Option<CipherSuite>,
    /// A HelloVerifyRequest has been answered.
    pub(super) verified: bool,
}

/// Begins the handshake of a client: its first flight is ready to be sent.
pub(crate) fn begin(context: &mut Context) -> Result<Stage, CryptoError> {
    let Context { rng, client_random, .. } = context;
    rng.fill(client_random);
    let mut shares = Vec::new();
    if context.config.versions.contain(ProtocolVersion::Dtls13) {
        let crypto = context.crypto();
        let Context { config, rng, .. } = context;
        for group in config.usable_groups().take(SHARES) {
            shares.push((group, crypto.key_share(group, &mut **rng)?));
        }
    }
    let offer = Offer { shares, retried: None, verified: false };
    context.records.be_modest();
    offer.say(context, &[], None);
    Ok(Stage::Hello(Box::new(offer)))
}

impl Offer {
    /// Says it, as a flight of its own. `verify`: the cookie of a HelloVerifyRequest; `retry`: the
    /// one of a HelloRetryRequest.
    pub(super) fn say(&self, context: &mut Context, verify: &[u8], retry: Option<Cookie<'_>>) {
        let mut suites = Vec::new();
        let config = &context.config;
        let versions = config.versions.list();
        let all = versions.iter().flat_map(|version| config.usable_suites(*version));
        writer::numbers(&mut suites, all.map(|suite| suite.0));
        let block = self.extensions(context, retry);
        let random = context.client_random;
        context.begin_flight(Repeats::ByTimer);
        // There always are suites.
        let Ok(suites) = Numbers::parse(&suites) else { return };
        let hello = ClientHello {
            version: ProtocolVersion::Dtls12.wire(),
            random: &random,
            session_id: &[],
            cookie: verify,
            suites,
            extensions: Extensions::written(&block),
        };
        context.say(MessageKind::CLIENT_HELLO, 0, |out| hello.write(out));
    }

    fn extensions(&self, context: &Context, retry: Option<Cookie<'_>>) -> Vec<u8> {
        let config = &context.config;
        let mut block = Vec::new();
        let out = &mut block;
        if config.versions.contain(ProtocolVersion::Dtls13) {
            extension::put(out, extension::SUPPORTED_VERSIONS, |out| {
                SupportedVersions::write(config.versions.list(), out);
            });
            let shares = self.shares.iter();
            let shares =
                shares.map(|(group, own)| KeyShareEntry { group: *group, share: own.share() });
            extension::put(out, extension::KEY_SHARE, |out| KeyShares::write(shares, out));
            let groups = config.usable_groups().map(|group| group.0);
            extension::put(out, extension::SUPPORTED_GROUPS, |out| NumberList::write(groups, out));
        } else {
            let groups = config.usable_curves().map(|group| group.0);
            extension::put(out, extension::SUPPORTED_GROUPS, |out| NumberList::write(groups, out));
        }
        if let Some(cookie) = retry {
            extension::put(out, extension::COOKIE, |out| cookie.write(out));
        }
        let schemes = config.verified().map(|scheme| scheme.0);
        extension::put(out, extension::SIGNATURE_ALGORITHMS, |out| NumberList::write(schemes, out));
        Terms::offer(config, out);
        if config.versions.contain(ProtocolVersion::Dtls12) {
            extension::put(out, extension::EXTENDED_MASTER_SECRET, |_| {});
            // Points as they are, uncompressed (RFC 8422 §5.1.2); no handshake before this one
            // (RFC 5746 §3.4).
            extension::put(out, extension::EC_POINT_FORMATS, |out| out.extend_from_slice(&[1, 0]));
            extension::put(out, extension::RENEGOTIATION_INFO, |out| out.push(0));
        }
        block
    }
}
