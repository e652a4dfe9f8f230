//! `key_share`, RFC 8446 §4.2.8.

use crate::NamedGroup;
use crate::wire::{ParseError, Reader, writer};

/// One share: all that a server sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyShareEntry<'a> {
    pub(crate) group: NamedGroup,
    pub(crate) share: &'a [u8],
}

impl<'a> KeyShareEntry<'a> {
    pub(crate) fn parse(content: &'a [u8]) -> Result<Self, ParseError> {
        Reader::all(content, Self::read)
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, ParseError> {
        let group = NamedGroup(reader.u16()?);
        let share = reader.vector16()?;
        if share.is_empty() {
            return Err(ParseError::Length(0));
        }
        Ok(Self { group, share })
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        writer::u16(out, self.group.0);
        writer::vector16(out, |out| out.extend_from_slice(self.share));
    }
}

/// The shares of a client, each group once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyShares<'a>(&'a [u8]);

impl<'a> KeyShares<'a> {
    pub(crate) fn parse(content: &'a [u8]) -> Result<Self, ParseError> {
        let list = Reader::all(content, Reader::vector16)?;
        let mut left = Reader::new(list);
        let mut seen = Vec::new();
        while !left.is_empty() {
            let entry = KeyShareEntry::read(&mut left)?;
            if seen.contains(&entry.group) {
                return Err(ParseError::Duplicate(entry.group.0));
            }
            if seen.len() == 32 {
                return Err(ParseError::Length(list.len()));
            }
            seen.push(entry.group);
        }
        Ok(Self(list))
    }

    pub(crate) fn write<'s>(
        shares: impl IntoIterator<Item = KeyShareEntry<'s>>,
        out: &mut Vec<u8>,
    ) {
        writer::vector16(out, |out| shares.into_iter().for_each(|share| share.write(out)));
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = KeyShareEntry<'a>> {
        let mut left = Reader::new(self.0);
        core::iter::from_fn(move || KeyShareEntry::read(&mut left).ok())
    }

    pub(crate) fn of(self, group: NamedGroup) -> Option<&'a [u8]> {
        self.iter().find(|entry| entry.group == group).map(|entry| entry.share)
    }
}

/// The group for which a HelloRetryRequest wants a share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RetryGroup(pub(crate) NamedGroup);

impl RetryGroup {
    pub(crate) fn parse(content: &[u8]) -> Result<Self, ParseError> {
        Ok(Self(NamedGroup(Reader::all(content, Reader::u16)?)))
    }

    pub(crate) fn write(self, out: &mut Vec<u8>) {
        writer::u16(out, self.0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_and_written() {
        let entry = |group, share| KeyShareEntry { group, share };
        let shares = [entry(NamedGroup::P256, &[4, 7][..]), entry(NamedGroup::X25519, &[9])];
        let mut out = Vec::new();
        KeyShares::write(shares, &mut out);
        let read = KeyShares::parse(&out).expect("valid");
        assert_eq!(read.iter().collect::<Vec<_>>(), shares);
        assert_eq!(
            (read.of(NamedGroup::X25519), read.of(NamedGroup::P384)),
            (Some(&[9][..]), None)
        );
        let mut out = Vec::new();
        KeyShares::write([shares[0], shares[0]], &mut out);
        assert_eq!(KeyShares::parse(&out), Err(ParseError::Duplicate(0x17)));
        assert_eq!(KeyShares::parse(&[0, 4, 0, 23, 0, 0]), Err(ParseError::Length(0)));
        // A client that wants to be told the group sends none (RFC 8446 §4.2.8).
        assert_eq!(KeyShares::parse(&[0, 0]), Ok(KeyShares(&[])));
    }
}
