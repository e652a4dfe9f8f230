//! Extensions, RFC 8446 §4.2: the block that messages carry, and what is in it.
//!
//! ```text
//! list 2+n of ( number 2 | content 2+n )
//! ```

mod alpn;
mod cookie;
mod key_share;
mod numbers;
mod record_size_limit;
mod server_name;
mod supported_versions;
mod use_srtp;

pub(crate) use alpn::ProtocolNames;
pub(crate) use cookie::Cookie;
pub(crate) use key_share::{KeyShareEntry, KeyShares, RetryGroup};
pub(crate) use numbers::NumberList;
pub(crate) use record_size_limit::RecordSizeLimit;
pub(crate) use server_name::ServerName;
pub(crate) use supported_versions::{SelectedVersion, SupportedVersions};
pub(crate) use use_srtp::UseSrtp;

use super::{ParseError, Reader, writer};

pub(crate) const SERVER_NAME: u16 = 0;
pub(crate) const SUPPORTED_GROUPS: u16 = 10;
pub(crate) const EC_POINT_FORMATS: u16 = 11;
pub(crate) const SIGNATURE_ALGORITHMS: u16 = 13;
pub(crate) const USE_SRTP: u16 = 14;
pub(crate) const ALPN: u16 = 16;
pub(crate) const EXTENDED_MASTER_SECRET: u16 = 23;
pub(crate) const RECORD_SIZE_LIMIT: u16 = 28;
pub(crate) const SUPPORTED_VERSIONS: u16 = 43;
pub(crate) const COOKIE: u16 = 44;
pub(crate) const KEY_SHARE: u16 = 51;
pub(crate) const RENEGOTIATION_INFO: u16 = 0xFF01;

/// Most extensions in a block: browsers send about fifteen.
const MOST: usize = 100;

/// A block of extensions, each number at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extensions<'a>(&'a [u8]);

impl<'a> Extensions<'a> {
    pub(crate) const NONE: Extensions<'static> = Extensions(&[]);

    pub(crate) fn parse(reader: &mut Reader<'a>) -> Result<Self, ParseError> {
        let block = reader.vector16()?;
        let mut seen = [0; MOST];
        let mut left = Reader::new(block);
        let mut count: usize = 0;
        while !left.is_empty() {
            let number = left.u16()?;
            left.vector16()?;
            if seen.iter().take(count).any(|one| *one == number) {
                return Err(ParseError::Duplicate(number));
            }
            *seen.get_mut(count).ok_or(ParseError::Length(block.len()))? = number;
            count = count.saturating_add(1);
        }
        Ok(Self(block))
    }

    /// In a hello of old style the block may be missing altogether (RFC 5246 §7.4.1.2).
    pub(crate) fn parse_optional(reader: &mut Reader<'a>) -> Result<Self, ParseError> {
        if reader.is_empty() { Ok(Self(&[])) } else { Self::parse(reader) }
    }

    /// What [`put`] has written.
    pub(crate) fn written(block: &'a [u8]) -> Self {
        Self(block)
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        writer::vector16(out, |out| out.extend_from_slice(self.0));
    }

    /// Number and content of each.
    pub(crate) fn iter(self) -> impl Iterator<Item = (u16, &'a [u8])> {
        let mut left = Reader::new(self.0);
        core::iter::from_fn(move || Some((left.u16().ok()?, left.vector16().ok()?)))
    }

    pub(crate) fn find(self, number: u16) -> Option<&'a [u8]> {
        self.iter().find(|one| one.0 == number).map(|one| one.1)
    }

    pub(crate) fn has(self, number: u16) -> bool {
        self.find(number).is_some()
    }

    /// The extension with this number, read by `parse`, if it is there.
    pub(crate) fn read<T>(
        self,
        number: u16,
        parse: impl FnOnce(&'a [u8]) -> Result<T, ParseError>,
    ) -> Result<Option<T>, ParseError> {
        self.find(number).map(parse).transpose()
    }
}

/// Appends an extension to a block.
pub(crate) fn put(block: &mut Vec<u8>, number: u16, content: impl FnOnce(&mut Vec<u8>)) {
    writer::u16(block, number);
    writer::vector16(block, content);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(bytes: &[u8]) -> Result<Vec<(u16, Vec<u8>)>, ParseError> {
        let block = Reader::all(bytes, Extensions::parse)?;
        Ok(block.iter().map(|(number, content)| (number, content.to_vec())).collect())
    }

    #[test]
    fn numbers_come_once() {
        let twice = [0, 10, 0, 23, 0, 1, 7, 0, 23, 0, 1, 7];
        assert_eq!(parse(&twice[..2]), Err(ParseError::Truncated { needed: 10, had: 0 }));
        assert_eq!(parse(&twice), Err(ParseError::Duplicate(23)));
        assert_eq!(parse(&[0, 5, 0, 23, 0, 1, 7]), Ok(vec![(23, vec![7])]));
        let mut many = Vec::new();
        (0..101).for_each(|number| put(&mut many, number, |_| {}));
        let mut bytes = Vec::new();
        Extensions::written(&many).write(&mut bytes);
        assert_eq!(parse(&bytes), Err(ParseError::Length(404)));
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read(
            all in prop::collection::btree_map(any::<u16>(), prop::collection::vec(any::<u8>(), 0..20), 0..20),
        ) {
            let mut block = Vec::new();
            for (number, content) in &all {
                put(&mut block, *number, |out| out.extend_from_slice(content));
            }
            let mut bytes = Vec::new();
            Extensions::written(&block).write(&mut bytes);
            prop_assert_eq!(parse(&bytes), Ok(all.into_iter().collect()));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = parse(&bytes);
        }
    }
}
