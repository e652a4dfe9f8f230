//! One direction's keys in one epoch.

use alloc::boxed::Box;

use zeroize::Zeroize;

use crate::crypto::{Aead, AeadAlgorithm, Crypto, CryptoError, RecordMask};
use crate::suite::Framing;
use crate::wire::{ContentType, RecordHeader};
use crate::{CipherSuite, Discard, ProtocolVersion};

use super::records::Opened;
use super::window::Window;
use super::{thirteen, twelve};

/// Keys, and how records are made with them.
pub(crate) struct Keys {
    pub(super) aead: Box<dyn Aead>,
    /// In DTLS 1.2 with GCM its first four bytes (RFC 5288 §3).
    pub(super) iv: [u8; 12],
    form: Form,
    framing: Framing,
}

enum Form {
    /// DTLS 1.2, a part of the nonce in the record.
    Explicit,
    /// DTLS 1.2, the nonce made of the sequence number (RFC 7905).
    Implicit,
    /// DTLS 1.3.
    Masked(Box<dyn RecordMask>),
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.iv.zeroize();
    }
}

impl Keys {
    /// Keys of DTLS 1.2. With GCM only four bytes of `iv` are there.
    pub(crate) fn twelve(
        crypto: &dyn Crypto,
        suite: CipherSuite,
        key: &[u8],
        iv: &[u8],
    ) -> Result<Self, CryptoError> {
        let mut padded = [0; 12];
        padded.iter_mut().zip(iv).for_each(|(slot, byte)| *slot = *byte);
        let form = match suite.aead() {
            AeadAlgorithm::ChaCha20Poly1305 => Form::Implicit,
            AeadAlgorithm::Aes128Gcm | AeadAlgorithm::Aes256Gcm => Form::Explicit,
        };
        let framing = suite.framing(ProtocolVersion::Dtls12);
        Ok(Self { aead: crypto.aead(suite.aead(), key)?, iv: padded, form, framing })
    }

    /// Keys of DTLS 1.3.
    pub(crate) fn thirteen(
        crypto: &dyn Crypto,
        suite: CipherSuite,
        key: &[u8],
        iv: [u8; 12],
        mask: &[u8],
    ) -> Result<Self, CryptoError> {
        let form = Form::Masked(crypto.record_mask(suite.aead(), mask)?);
        let framing = suite.framing(ProtocolVersion::Dtls13);
        Ok(Self { aead: crypto.aead(suite.aead(), key)?, iv, form, framing })
    }

    pub(crate) fn framing(&self) -> Framing {
        self.framing
    }

    /// Makes a record of `buf[at..]`: head room, then plaintext.
    pub(super) fn seal(
        &self,
        (epoch, sequence): (u64, u64),
        kind: ContentType,
        buf: &mut Vec<u8>,
        at: usize,
    ) -> Result<(), CryptoError> {
        match &self.form {
            Form::Masked(mask) => thirteen::seal(self, &**mask, (epoch, sequence), kind, buf, at),
            Form::Explicit => twelve::seal::<true>(self, (epoch, sequence), kind, buf, at),
            Form::Implicit => twelve::seal::<false>(self, (epoch, sequence), kind, buf, at),
        }
    }

    /// Opens a record of this epoch in place.
    pub(super) fn open(
        &self,
        epoch: u64,
        window: &Window,
        header: RecordHeader,
        record: &mut [u8],
    ) -> Result<Opened, Discard> {
        match &self.form {
            Form::Masked(mask) => thirteen::open(self, &**mask, (epoch, window), header, record),
            Form::Explicit => twelve::open::<true>(self, window, header, record),
            Form::Implicit => twelve::open::<false>(self, window, header, record),
        }
    }

    /// RFC 8446 §5.3, RFC 7905 §2: the initialization vector, and over its end the number.
    pub(super) fn nonce(&self, number: u64) -> [u8; 12] {
        let mut nonce = self.iv;
        // In eight bytes and four, as twelve are copied: a copy that is cut otherwise than what was
        // written just before makes a processor wait.
        if let Some(front) = nonce.first_chunk_mut() {
            *front = (u64::from_be_bytes(*front) ^ number >> 32).to_be_bytes();
        }
        let [.., a, b, c, d] = number.to_be_bytes();
        if let Some(back) = nonce.last_chunk_mut() {
            *back = (u32::from_be_bytes(*back) ^ u32::from_be_bytes([a, b, c, d])).to_be_bytes();
        }
        nonce
    }
}
