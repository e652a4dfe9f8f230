//! What no implementation can do without: bare cryptography, and one copy of the packet.

use aes::Aes128;
use ctr::cipher::{InnerIvInit, StreamCipher};
use ctr::{Ctr128BE, CtrCore};
use hmac::{Hmac, KeyInit, Mac};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use sha1::Sha1;

use super::{Contender, HEADER, KEY, Profile, Srtp};

pub(super) const CONTENDER: Contender = ("LIMIT bare cryptography, one copy", make);
/// Bytes of an HMAC that go with a packet.
const TAG: usize = 10;

fn make(profile: Profile) -> Box<dyn Srtp> {
    match profile {
        Profile::AeadAes128Gcm => {
            let key = UnboundKey::new(&AES_128_GCM, &KEY).unwrap();
            Box::new(Gcm(LessSafeKey::new(key), Vec::new()))
        }
        Profile::Aes128CmSha1_80 => {
            let cipher = Aes128::new(&KEY.into());
            Box::new(CtrHmac(cipher, Hmac::new_from_slice(&[1; 20]).unwrap(), Vec::new()))
        }
    }
}

/// Different for each packet, and no more than that.
fn nonce(packet: &[u8]) -> [u8; 12] {
    let mut nonce = [7; 12];
    nonce[10..].copy_from_slice(&packet[2..4]);
    nonce
}

/// A key, and the last packet.
struct Gcm(LessSafeKey, Vec<u8>);

impl Srtp for Gcm {
    fn protect(&mut self, rtp: &[u8]) -> &[u8] {
        let Self(key, out) = self;
        out.clear();
        out.extend_from_slice(rtp);
        let nonce = Nonce::assume_unique_for_key(nonce(rtp));
        let (header, payload) = out.split_at_mut(HEADER);
        let tag = key.seal_in_place_separate_tag(nonce, Aad::from(&*header), payload).unwrap();
        out.extend_from_slice(tag.as_ref());
        out
    }

    fn unprotect(&mut self, srtp: &[u8]) -> Option<&[u8]> {
        let Self(key, out) = self;
        out.clear();
        out.extend_from_slice(srtp);
        let nonce = Nonce::assume_unique_for_key(nonce(srtp));
        let (header, payload) = out.split_at_mut(HEADER);
        key.open_in_place(nonce, Aad::from(&*header), payload).ok()?;
        out.truncate(srtp.len() - AES_128_GCM.tag_len());
        Some(out)
    }
}

/// An expanded key, a keyed state, and the last packet.
struct CtrHmac(Aes128, Hmac<Sha1>, Vec<u8>);

impl CtrHmac {
    fn crypt(key: &Aes128, packet: &mut [u8]) {
        let mut iv = [0; 16];
        iv[..12].copy_from_slice(&nonce(packet));
        let mut cipher = Ctr128BE::from_core(CtrCore::inner_iv_init(key, &iv.into()));
        cipher.apply_keystream(&mut packet[HEADER..]);
    }

    fn tag(hmac: &Hmac<Sha1>, packet: &[u8]) -> [u8; TAG] {
        let mut mac = hmac.clone();
        mac.update(packet);
        mac.update(&[0; 4]); // the rollover counter
        *mac.finalize().into_bytes().first_chunk().unwrap()
    }
}

impl Srtp for CtrHmac {
    fn protect(&mut self, rtp: &[u8]) -> &[u8] {
        let Self(key, hmac, out) = self;
        out.clear();
        out.extend_from_slice(rtp);
        Self::crypt(key, out);
        let tag = Self::tag(hmac, out);
        out.extend_from_slice(&tag);
        out
    }

    fn unprotect(&mut self, srtp: &[u8]) -> Option<&[u8]> {
        let Self(key, hmac, out) = self;
        let (body, tag) = srtp.split_at(srtp.len() - TAG);
        if Self::tag(hmac, body) != tag {
            return None;
        }
        out.clear();
        out.extend_from_slice(body);
        Self::crypt(key, out);
        Some(out)
    }
}
