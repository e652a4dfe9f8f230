//! `supported_versions`, RFC 8446 §4.2.1.

use crate::ProtocolVersion;
use crate::wire::{Numbers, ParseError, Reader, writer};

/// What a client offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SupportedVersions<'a>(Numbers<'a>);

impl<'a> SupportedVersions<'a> {
    pub(crate) fn parse(content: &'a [u8]) -> Result<Self, ParseError> {
        Ok(Self(Numbers::parse(Reader::all(content, Reader::vector8)?)?))
    }

    pub(crate) fn write(versions: &[ProtocolVersion], out: &mut Vec<u8>) {
        writer::vector8(out, |out| {
            writer::numbers(out, versions.iter().map(|version| version.wire()));
        });
    }

    pub(crate) fn contains(self, version: ProtocolVersion) -> bool {
        self.0.contains(version.wire())
    }
}

/// What a server chose: 1.3, and never anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SelectedVersion;

impl SelectedVersion {
    pub(crate) fn parse(content: &[u8]) -> Result<Self, ParseError> {
        let version = Reader::all(content, Reader::u16)?;
        match version == ProtocolVersion::Dtls13.wire() {
            true => Ok(Self),
            false => Err(ParseError::Value(version)),
        }
    }

    pub(crate) fn write(out: &mut Vec<u8>) {
        writer::u16(out, ProtocolVersion::Dtls13.wire());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_written() {
        let mut out = Vec::new();
        SupportedVersions::write(&[ProtocolVersion::Dtls13, ProtocolVersion::Dtls12], &mut out);
        assert_eq!(out, [4, 0xFE, 0xFC, 0xFE, 0xFD]);
        let offered = SupportedVersions::parse(&[2, 0xFE, 0xFD]).expect("one");
        assert!(offered.contains(ProtocolVersion::Dtls12));
        assert!(!offered.contains(ProtocolVersion::Dtls13));
        assert_eq!(SupportedVersions::parse(&[0]), Err(ParseError::Length(0)));
        assert_eq!(SelectedVersion::parse(&[0xFE, 0xFC]), Ok(SelectedVersion));
        assert_eq!(SelectedVersion::parse(&[0xFE, 0xFD]), Err(ParseError::Value(0xFEFD)));
    }
}
