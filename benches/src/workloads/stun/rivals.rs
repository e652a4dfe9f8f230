//! The other contenders.

use std::sync::Arc;

use aws_lc_rs::hmac as aws;
use rtc_crypto::RTCCryptoProvider;

use super::{Contender, PASSWORD, PRIORITY, Stun, TIE_BREAKER, USERNAME};

pub(super) fn contenders() -> Vec<Contender> {
    vec![
        ("is 0.12 (str0m; no fingerprint check)", || Box::new(Is)),
        ("stun-types 2.0", || Box::new(StunTypes::new())),
        ("rtc-stun 0.21", || Box::new(RtcStun(rtc_crypto::default_provider().unwrap()))),
        ("stun 0.17 (webrtc-rs)", || Box::new(WebrtcStun)),
        ("stun-rs 0.1.11", || Box::new(StunRs::new())),
    ]
}

const ICE_CONTROLLING: u16 = 0x802a;
const PRIORITY_TYPE: u16 = 0x24;
const USE_CANDIDATE: u16 = 0x25;

struct Is;

/// What str0m hands to it.
fn sha1_hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 20] {
    let key = aws::Key::new(aws::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    let mut context = aws::Context::with_key(&key);
    parts.iter().for_each(|part| context.update(part));
    context.sign().as_ref().try_into().unwrap()
}

impl Stun for Is {
    fn build(&mut self, out: &mut Vec<u8>) {
        use is::stun::{StunMessage, TransId};
        let (id, name) = (TransId::new(), USERNAME);
        let m = StunMessage::binding_request(name, id, true, TIE_BREAKER, PRIORITY, true);
        out.resize(256, 0);
        let n = m.to_bytes(Some(PASSWORD.as_bytes()), out, sha1_hmac).unwrap();
        out.truncate(n);
    }

    fn check(&self, message: &[u8]) -> bool {
        let Ok(m) = is::stun::StunMessage::parse(message) else { return false };
        m.verify(PASSWORD.as_bytes(), sha1_hmac)
            && m.username() == Some(USERNAME)
            && m.prio() == Some(PRIORITY)
    }

    fn checks_fingerprint(&self) -> bool {
        false
    }
}

struct StunTypes(stun_types::message::IntegrityKey);

impl StunTypes {
    fn new() -> Self {
        use stun_types::message::{
            IntegrityAlgorithm, MessageIntegrityCredentials, ShortTermCredentials,
        };
        let credentials: MessageIntegrityCredentials =
            ShortTermCredentials::new(PASSWORD.to_owned()).into();
        Self(credentials.make_key(IntegrityAlgorithm::Sha1))
    }
}

impl Stun for StunTypes {
    fn build(&mut self, out: &mut Vec<u8>) {
        use stun_types::attribute::{AttributeType, RawAttribute, Username};
        use stun_types::message::{
            BINDING, IntegrityAlgorithm, Message, MessageWrite, MessageWriteExt, MessageWriteVec,
        };
        fn raw(kind: u16, value: &[u8]) -> RawAttribute<'_> {
            RawAttribute::new(AttributeType::new(kind), value)
        }
        let mut m = Message::builder_request(BINDING, MessageWriteVec::with_capacity(128));
        m.add_attribute(&Username::new(USERNAME).unwrap()).unwrap();
        m.add_attribute(&raw(ICE_CONTROLLING, &TIE_BREAKER.to_be_bytes())).unwrap();
        m.add_attribute(&raw(PRIORITY_TYPE, &PRIORITY.to_be_bytes())).unwrap();
        m.add_attribute(&raw(USE_CANDIDATE, &[])).unwrap();
        m.add_message_integrity_with_key(&self.0, IntegrityAlgorithm::Sha1).unwrap();
        m.add_fingerprint().unwrap();
        *out = m.finish();
    }

    fn check(&self, message: &[u8]) -> bool {
        use stun_types::attribute::{AttributeType, Username};
        use stun_types::message::Message;
        let Ok(m) = Message::from_bytes(message) else { return false };
        let priority = m.raw_attribute(AttributeType::new(PRIORITY_TYPE));
        m.validate_integrity_with_key(&self.0).is_ok()
            && m.attribute::<Username>().is_ok_and(|name| name.username() == USERNAME)
            && priority.is_some_and(|p| *p.value == PRIORITY.to_be_bytes())
    }
}

struct RtcStun(Arc<dyn RTCCryptoProvider>);

impl Stun for RtcStun {
    fn build(&mut self, out: &mut Vec<u8>) {
        use rtc_stun::attributes::{
            ATTR_ICE_CONTROLLING, ATTR_PRIORITY, ATTR_USE_CANDIDATE, ATTR_USERNAME,
        };
        use rtc_stun::fingerprint::FINGERPRINT;
        use rtc_stun::integrity::MessageIntegrity;
        use rtc_stun::message::{BINDING_REQUEST, Message, Setter, TransactionId};
        use rtc_stun::textattrs::TextAttribute;
        let mut m = Message::new();
        m.build(&[
            Box::new(BINDING_REQUEST),
            Box::new(TransactionId::new()),
            Box::new(TextAttribute::new(ATTR_USERNAME, USERNAME.to_owned())),
        ])
        .unwrap();
        m.add(ATTR_ICE_CONTROLLING, &TIE_BREAKER.to_be_bytes());
        m.add(ATTR_PRIORITY, &PRIORITY.to_be_bytes());
        m.add(ATTR_USE_CANDIDATE, &[]);
        let (password, crypto) = (PASSWORD.to_owned(), self.0.crypto());
        MessageIntegrity::new_short_term_integrity_with_provider(password, crypto)
            .add_to(&mut m)
            .unwrap();
        FINGERPRINT.add_to(&mut m).unwrap();
        *out = m.raw;
    }

    fn check(&self, message: &[u8]) -> bool {
        use rtc_stun::attributes::{ATTR_PRIORITY, ATTR_USERNAME};
        use rtc_stun::fingerprint::FINGERPRINT;
        use rtc_stun::integrity::MessageIntegrity;
        use rtc_stun::message::Message;
        let mut m = Message::new();
        m.unmarshal_binary(message).is_ok()
            && MessageIntegrity::check(&mut m, PASSWORD.as_bytes(), self.0.crypto()).is_ok()
            && FINGERPRINT.check(&m).is_ok()
            && m.get(ATTR_USERNAME).is_ok_and(|name| name == USERNAME.as_bytes())
            && m.get(ATTR_PRIORITY).is_ok_and(|p| p == PRIORITY.to_be_bytes())
    }
}

struct WebrtcStun;

impl Stun for WebrtcStun {
    fn build(&mut self, out: &mut Vec<u8>) {
        use other_stun::agent::TransactionId;
        use other_stun::attributes::{
            ATTR_ICE_CONTROLLING, ATTR_PRIORITY, ATTR_USE_CANDIDATE, ATTR_USERNAME,
        };
        use other_stun::fingerprint::FINGERPRINT;
        use other_stun::integrity::MessageIntegrity;
        use other_stun::message::{BINDING_REQUEST, Message, Setter};
        use other_stun::textattrs::TextAttribute;
        let mut m = Message::new();
        m.build(&[
            Box::new(BINDING_REQUEST),
            Box::new(TransactionId::new()),
            Box::new(TextAttribute::new(ATTR_USERNAME, USERNAME.to_owned())),
        ])
        .unwrap();
        m.add(ATTR_ICE_CONTROLLING, &TIE_BREAKER.to_be_bytes());
        m.add(ATTR_PRIORITY, &PRIORITY.to_be_bytes());
        m.add(ATTR_USE_CANDIDATE, &[]);
        MessageIntegrity::new_short_term_integrity(PASSWORD.to_owned()).add_to(&mut m).unwrap();
        FINGERPRINT.add_to(&mut m).unwrap();
        *out = m.raw;
    }

    fn check(&self, message: &[u8]) -> bool {
        use other_stun::attributes::{ATTR_PRIORITY, ATTR_USERNAME};
        use other_stun::fingerprint::FINGERPRINT;
        use other_stun::integrity::MessageIntegrity;
        use other_stun::message::Message;
        let mut m = Message::new();
        let integrity = MessageIntegrity::new_short_term_integrity(PASSWORD.to_owned());
        m.unmarshal_binary(message).is_ok()
            && integrity.check(&mut m).is_ok()
            && FINGERPRINT.check(&m).is_ok()
            && m.get(ATTR_USERNAME).is_ok_and(|name| name == USERNAME.as_bytes())
            && m.get(ATTR_PRIORITY).is_ok_and(|p| p == PRIORITY.to_be_bytes())
    }
}

struct StunRs {
    key: stun_rs::HMACKey,
    decoder: stun_rs::MessageDecoder,
    encoder: stun_rs::MessageEncoder,
}

impl StunRs {
    fn new() -> Self {
        use stun_rs::{
            DecoderContextBuilder, HMACKey, MessageDecoderBuilder, MessageEncoderBuilder,
        };
        let key = HMACKey::new_short_term(PASSWORD).unwrap();
        let context =
            DecoderContextBuilder::default().with_key(key.clone()).with_validation().build();
        let decoder = MessageDecoderBuilder::default().with_context(context).build();
        Self { key, decoder, encoder: MessageEncoderBuilder::default().build() }
    }
}

impl Stun for StunRs {
    fn build(&mut self, out: &mut Vec<u8>) {
        use stun_rs::attributes::ice::{IceControlling, Priority, UseCandidate};
        use stun_rs::attributes::stun::{Fingerprint, MessageIntegrity, UserName};
        use stun_rs::{MessageClass, StunMessageBuilder, methods};
        let m = StunMessageBuilder::new(methods::BINDING, MessageClass::Request)
            .with_attribute(UserName::new(USERNAME).unwrap())
            .with_attribute(IceControlling::from(TIE_BREAKER))
            .with_attribute(Priority::from(PRIORITY))
            .with_attribute(UseCandidate::default())
            .with_attribute(MessageIntegrity::new(self.key.clone()))
            .with_attribute(Fingerprint::default())
            .build();
        out.resize(256, 0);
        let n = self.encoder.encode(out, &m).unwrap();
        out.truncate(n);
    }

    fn check(&self, message: &[u8]) -> bool {
        use stun_rs::attributes::ice::Priority;
        use stun_rs::attributes::stun::UserName;
        let Ok((m, _)) = self.decoder.decode(message) else { return false };
        m.get::<UserName>().is_some_and(|u| u.as_user_name().unwrap().as_str() == USERNAME)
            && m.get::<Priority>().is_some_and(|p| *p.as_priority().unwrap() == PRIORITY)
    }
}
