//! `use_srtp`, RFC 5764 §4.1.1.
//!
//! ```text
//! profiles 2+n | mki 1+n
//! ```

use crate::SrtpProfile;
use crate::wire::{Numbers, ParseError, Reader, writer};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UseSrtp<'a> {
    profiles: Numbers<'a>,
    pub(crate) mki: &'a [u8],
}

impl<'a> UseSrtp<'a> {
    pub(crate) fn parse(content: &'a [u8]) -> Result<Self, ParseError> {
        Reader::all(content, |reader| {
            Ok(Self { profiles: Numbers::parse(reader.vector16()?)?, mki: reader.vector8()? })
        })
    }

    /// Without a master key identifier, which WebRTC does not have.
    pub(crate) fn write(profiles: &[SrtpProfile], out: &mut Vec<u8>) {
        writer::vector16(out, |out| {
            writer::numbers(out, profiles.iter().map(|profile| profile.wire()));
        });
        out.push(0);
    }

    /// The first of `ours` that the client offers.
    pub(crate) fn choose(self, ours: &[SrtpProfile]) -> Option<SrtpProfile> {
        ours.iter().copied().find(|profile| self.profiles.contains(profile.wire()))
    }

    /// What the server chose: one profile, and one of `ours`.
    pub(crate) fn chosen(self, ours: &[SrtpProfile]) -> Result<SrtpProfile, ParseError> {
        let mut numbers = self.profiles.iter();
        let first = numbers.next().unwrap_or_default();
        match (self.choose(ours), numbers.next(), self.mki) {
            (Some(profile), None, []) => Ok(profile),
            _ => Err(ParseError::Value(first)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_order_decides_among_what_is_offered() {
        use SrtpProfile::{AeadAes128Gcm, AeadAes256Gcm, Aes128CmSha1_80};
        // As Chromium offers.
        let offered = UseSrtp::parse(&[0, 6, 0, 1, 0, 8, 0, 7, 0]).expect("valid");
        assert_eq!(offered.choose(&[AeadAes128Gcm, Aes128CmSha1_80]), Some(AeadAes128Gcm));
        assert_eq!(offered.choose(&[]), None);
        let mut out = Vec::new();
        UseSrtp::write(&[AeadAes256Gcm], &mut out);
        assert_eq!(out, [0, 2, 0, 8, 0]);
        let answer = UseSrtp::parse(&out).expect("valid");
        assert_eq!(answer.chosen(&[AeadAes128Gcm, AeadAes256Gcm]), Ok(AeadAes256Gcm));
        assert_eq!(answer.chosen(&[AeadAes128Gcm]), Err(ParseError::Value(8)));
        let two = UseSrtp::parse(&[0, 4, 0, 8, 0, 7, 0]).expect("valid");
        assert_eq!(two.chosen(&[AeadAes256Gcm, AeadAes128Gcm]), Err(ParseError::Value(8)));
        // A master key identifier that nobody asked for (RFC 5764 §4.1.3).
        let mki = UseSrtp::parse(&[0, 2, 0, 8, 1, 5]).expect("valid");
        assert_eq!(mki.chosen(&[AeadAes256Gcm]), Err(ParseError::Value(8)));
    }
}
