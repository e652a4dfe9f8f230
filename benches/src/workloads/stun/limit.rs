//! What no implementation can do without: HMAC-SHA1 with a kept key, CRC-32, a copy.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::{LENGTH, PASSWORD, Stun};

pub(super) const NAME: &str = "LIMIT HMAC-SHA1 (kept key), CRC-32, copy";
/// Header, and attributes but for the last two.
const BODY: usize = LENGTH - 24 - 8;

pub(super) struct Limit(Hmac<Sha1>);

impl Limit {
    pub(super) fn new() -> Self {
        Self(Hmac::new_from_slice(PASSWORD.as_bytes()).unwrap())
    }

    fn digest(&self, message: &[u8]) -> ([u8; 20], u32) {
        let mut mac = self.0.clone();
        mac.update(message);
        (mac.finalize().into_bytes().into(), crc32fast::hash(message))
    }
}

impl Stun for Limit {
    fn build(&mut self, out: &mut Vec<u8>) {
        out.clear();
        out.resize(BODY, 0x5a);
        let (tag, crc) = self.digest(out);
        out.extend_from_slice(&tag);
        out.extend_from_slice(&crc.to_be_bytes());
    }

    fn check(&self, message: &[u8]) -> bool {
        let (tag, crc) = std::hint::black_box(self.digest(&message[..BODY]));
        tag[0] != 0 || crc != 0
    }
}
