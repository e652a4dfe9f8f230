//! The state cookie: what the passive side would otherwise have to remember, RFC 9260 §5.1.3.
//!
//! It travels to the active side and back, authenticated by HMAC-SHA-256 under a key that never
//! leaves the association. A flood of INITs therefore costs no memory.

use hmac::{Hmac, KeyInit, Mac};
use sansio::Instant;
use sha2::Sha256;

use super::state::Remote;
use crate::ids::Tag;
use crate::outgoing::Kind;
use crate::serial::Tsn;
use crate::wire::{ParseError, Reader};

const MAC_LEN: usize = 32;

/// All that makes an association.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cookie {
    pub(super) created: Instant,
    pub(super) local_tag: Tag,
    pub(super) local_tsn: Tsn,
    pub(super) remote: Remote,
    /// The tie tags of the association there was, or zeros (RFC 9260 §5.2.2).
    pub(super) tie_tags: [u32; 2],
}

impl Cookie {
    pub(super) fn seal(&self, key: &[u8; 32]) -> Vec<u8> {
        let mut out = Vec::with_capacity(48 + MAC_LEN);
        out.extend_from_slice(&self.created.as_nanos().to_be_bytes());
        let window = u32::try_from(self.remote.window).unwrap_or(u32::MAX);
        for number in [
            self.local_tag.0,
            self.local_tsn.0,
            self.tie_tags[0],
            self.tie_tags[1],
            self.remote.tag.0,
            self.remote.initial_tsn.0,
            window,
        ] {
            out.extend_from_slice(&number.to_be_bytes());
        }
        out.extend_from_slice(&self.remote.outbound_streams.to_be_bytes());
        out.extend_from_slice(&self.remote.inbound_streams.to_be_bytes());
        out.push(u8::from(self.remote.forward_tsn));
        out.push(u8::from(self.remote.re_config));
        out.push(u8::from(self.remote.zero_checksum));
        out.push(u8::from(self.remote.kind == Kind::IData));
        if let Some(mac) = mac(key, &out) {
            out.extend_from_slice(&mac.finalize().into_bytes());
        }
        out
    }

    /// `None`: not made with this key.
    pub(super) fn open(key: &[u8; 32], bytes: &[u8]) -> Option<Self> {
        let (body, tag) = bytes.split_last_chunk::<MAC_LEN>()?;
        mac(key, body)?.verify_slice(tag).ok()?;
        Self::parse(body).ok()
    }

    fn parse(body: &[u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(body);
        Ok(Self {
            created: Instant::from_nanos(u64::from_be_bytes(reader.take()?)),
            local_tag: Tag(reader.u32()?),
            local_tsn: Tsn(reader.u32()?),
            tie_tags: [reader.u32()?, reader.u32()?],
            remote: Remote {
                tag: Tag(reader.u32()?),
                initial_tsn: Tsn(reader.u32()?),
                window: reader.u32()? as usize,
                outbound_streams: reader.u16()?,
                inbound_streams: reader.u16()?,
                forward_tsn: reader.take()? == [1],
                re_config: reader.take()? == [1],
                zero_checksum: reader.take()? == [1],
                kind: if reader.take()? == [1] { Kind::IData } else { Kind::Data },
            },
        })
    }
}

fn mac(key: &[u8; 32], body: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(body);
    Some(mac)
}
