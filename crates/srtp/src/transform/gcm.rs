//! AES in GCM, RFC 7714.
//!
//! ```text
//!  RTP:   | header, CSRCs, extensions | payload       | tag |          RFC 7714 §8.2
//!           ^ authenticated             ^ encrypted
//!  RTCP:  | 8 bytes                   | the rest      | tag | E, index |     §9.2, §9.3
//!           ^ authenticated             ^ encrypted           ^ authenticated
//! ```

use ring::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, Tag, UnboundKey};
use zeroize::Zeroizing;

use super::ENCRYPTED;
use crate::Profile;
use crate::derivation::SessionKeys;
use crate::header;
use crate::index::Position;
use crate::sent::Fingerprint;

/// Bytes of a tag.
const TAG: usize = 16;
/// Bytes of a tag and of the word after it.
const RTCP_TRAILER: usize = 20;

pub(crate) struct Gcm {
    /// `ring` does not wipe it.
    key: LessSafeKey,
    salt: Zeroizing<u128>,
}

impl Gcm {
    pub(super) fn new(profile: Profile, keys: &SessionKeys) -> Option<Self> {
        let algorithm = if profile == Profile::AeadAes256Gcm { &AES_256_GCM } else { &AES_128_GCM };
        let key = UnboundKey::new(algorithm, keys.encryption()).ok()?;
        Some(Self { key: LessSafeKey::new(key), salt: Zeroizing::new(keys.salt) })
    }

    /// RFC 7714 §8.1 and §9.1: 16 zero bits, SSRC, 48 bits of index; and the salt over all of them.
    #[inline]
    fn nonce(&self, position: Position) -> Nonce {
        let [_, _, _, _, nonce @ ..] = (*self.salt ^ position.number()).to_be_bytes();
        Nonce::assume_unique_for_key(nonce)
    }

    #[inline]
    pub(super) fn seal_rtp(
        &self,
        position: Position,
        header: usize,
        buf: &mut Vec<u8>,
        at: usize,
    ) -> Option<Fingerprint> {
        let (header, payload) = buf.get_mut(at..)?.split_at_mut_checked(header)?;
        let (nonce, aad) = (self.nonce(position), Aad::from(&*header));
        let tag = self.key.seal_in_place_separate_tag(nonce, aad, payload).ok()?;
        buf.extend_from_slice(tag.as_ref());
        tag.as_ref().first_chunk().copied().map(Fingerprint::new)
    }

    #[inline]
    pub(super) fn open_rtp(
        &self,
        position: Position,
        header: usize,
        packet: &mut [u8],
    ) -> Option<()> {
        let (header, rest) = packet.split_at_mut_checked(header)?;
        self.key.open_in_place(self.nonce(position), Aad::from(&*header), rest).ok().map(drop)
    }

    #[inline]
    pub(super) fn seal_rtcp(&self, position: Position, buf: &mut Vec<u8>, at: usize) -> Option<()> {
        let word = (u32::try_from(position.index).ok()? | ENCRYPTED).to_be_bytes();
        let (header, rest) = buf.get_mut(at..)?.split_first_chunk_mut()?;
        let (nonce, aad) = (self.nonce(position), Aad::from(rtcp_aad(*header, word)));
        let tag = self.key.seal_in_place_separate_tag(nonce, aad, rest).ok()?;
        buf.extend_from_slice(tag.as_ref());
        buf.extend_from_slice(&word);
        Some(())
    }

    #[inline]
    pub(super) fn open_rtcp(&self, position: Position, word: u32, packet: &mut [u8]) -> Option<()> {
        let (nonce, word_bytes) = (self.nonce(position), word.to_be_bytes());
        let len = packet.len().checked_sub(RTCP_TRAILER)?;
        let tag = Tag::from(*packet.get(len..)?.first_chunk::<TAG>()?);
        if word & ENCRYPTED == 0 {
            // §9.3: nothing is encrypted, and the word is authenticated next to the packet.
            *packet.get_mut(len..)?.first_chunk_mut()? = word_bytes;
            let aad = Aad::from(packet.get(..len.checked_add(word_bytes.len())?)?);
            let opened = self.key.open_in_place_separate_tag(nonce, aad, tag, &mut [], 0..);
            return opened.ok().map(drop);
        }
        let (header, rest) = packet.get_mut(..len)?.split_first_chunk_mut()?;
        let aad = Aad::from(rtcp_aad(*header, word_bytes));
        self.key.open_in_place_separate_tag(nonce, aad, tag, rest, 0..).ok().map(drop)
    }
}

/// What is authenticated of an encrypted RTCP packet without being encrypted.
#[inline]
fn rtcp_aad(header: [u8; header::RTCP], word: [u8; 4]) -> [u8; 12] {
    let mut aad = [0; 12];
    for (to, from) in aad.iter_mut().zip(header.iter().chain(&word)) {
        *to = *from;
    }
    aad
}
