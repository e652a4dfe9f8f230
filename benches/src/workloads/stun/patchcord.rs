//! Our contender.

use stun::attribute::{IceControlling, Priority, UseCandidate, Username};
use stun::{IntegrityKey, Message, MessageBuilder, Method, TransactionId};

use super::{PASSWORD, PRIORITY, Stun, TIE_BREAKER, USERNAME};
use crate::rng::ThreadRng;

pub(super) struct Ours(IntegrityKey);

impl Ours {
    pub(super) fn new() -> Self {
        Self(IntegrityKey::short_term(PASSWORD))
    }
}

impl Stun for Ours {
    fn build(&mut self, out: &mut Vec<u8>) {
        out.clear();
        let id = TransactionId::random(&mut ThreadRng);
        MessageBuilder::request(out, Method::BINDING, id)
            .attribute(&Username::new(USERNAME).unwrap())
            .attribute(&IceControlling(TIE_BREAKER))
            .attribute(&Priority(PRIORITY))
            .attribute(&UseCandidate)
            .integrity(&self.0)
            .fingerprint();
    }

    fn check(&self, message: &[u8]) -> bool {
        let Ok(message) = Message::parse(message) else { return false };
        message.check_fingerprint().is_ok()
            && message.check_integrity(&self.0).is_ok()
            && matches!(message.get::<Username>(), Ok(Some(name)) if name.as_str() == USERNAME)
            && matches!(message.get(), Ok(Some(Priority(PRIORITY))))
    }
}
