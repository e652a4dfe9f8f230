//! Reading and writing of the layouts that chunks, parameters and error causes share.

use thiserror::Error;

/// Why bytes are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ParseError {
    /// A field reaches beyond the end.
    #[error("truncated: {needed} bytes needed, {had} there")]
    Truncated {
        /// Bytes that the field needs.
        needed: usize,
        /// Bytes that are left.
        had: usize,
    },
    /// A length that cannot be: shorter than its own header, or not what the type demands.
    #[error("length {length} in an element of type {kind}")]
    BadLength {
        /// Type of the chunk, parameter or cause.
        kind: u16,
        /// The length it claims.
        length: usize,
    },
    /// A value the RFC forbids.
    #[error("forbidden value {value} in an element of type {kind}")]
    Forbidden {
        /// Type of the chunk, parameter or cause.
        kind: u16,
        /// The value.
        value: u32,
    },
    /// The CRC32c of the packet is wrong, RFC 9260 §6.8.
    #[error("checksum {found:#010x}, computed {computed:#010x}")]
    Checksum {
        /// What the packet says.
        found: u32,
        /// What its bytes give.
        computed: u32,
    },
}

/// Takes numbers off the front of a slice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    pub(crate) fn take<const N: usize>(&mut self) -> Result<[u8; N], ParseError> {
        let (head, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or(ParseError::Truncated { needed: N, had: self.rest.len() })?;
        self.rest = rest;
        Ok(*head)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, ParseError> {
        self.take().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, ParseError> {
        self.take().map(u32::from_be_bytes)
    }

    pub(crate) fn bytes(&mut self, n: usize) -> Result<&'a [u8], ParseError> {
        let (head, rest) = self
            .rest
            .split_at_checked(n)
            .ok_or(ParseError::Truncated { needed: n, had: self.rest.len() })?;
        self.rest = rest;
        Ok(head)
    }

    pub(crate) fn rest(self) -> &'a [u8] {
        self.rest
    }
}

/// Bytes of the header of a chunk, parameter or cause.
pub(crate) const HEADER_LEN: usize = 4;

/// One element: two bytes that mean type and flags of a chunk, or type of a parameter or cause
/// (RFC 9260 §3.2, §3.2.1, §3.3.10), then the length, then the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tlv<'a> {
    pub(crate) head: [u8; 2],
    pub(crate) value: &'a [u8],
    /// Header and value, without padding.
    pub(crate) whole: &'a [u8],
}

/// The elements one after the other, each padded to four bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tlvs<'a> {
    rest: &'a [u8],
}

impl<'a> Tlvs<'a> {
    pub(crate) fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    fn element(&mut self) -> Result<Tlv<'a>, ParseError> {
        let mut reader = Reader::new(self.rest);
        let head: [u8; 2] = reader.take()?;
        let length = usize::from(reader.u16()?);
        let bad = ParseError::BadLength { kind: u16::from_be_bytes(head), length };
        let (whole, rest) = self.rest.split_at_checked(length).ok_or(bad)?;
        let value = whole.get(HEADER_LEN..).ok_or(bad)?;
        // RFC 9260 §3.2: padding is not counted. The last may lack it.
        self.rest = rest.get(padding(length)..).unwrap_or_default();
        Ok(Tlv { head, value, whole })
    }
}

impl<'a> Iterator for Tlvs<'a> {
    type Item = Result<Tlv<'a>, ParseError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let element = self.element();
        if element.is_err() {
            self.rest = &[];
        }
        Some(element)
    }
}

/// Bytes that make `length` a multiple of four.
pub(crate) const fn padding(length: usize) -> usize {
    length.wrapping_neg() & 3
}

/// Appends one element: its header, what `value` appends, its padding.
pub(crate) fn write_tlv(out: &mut Vec<u8>, head: [u8; 2], value: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&head);
    out.extend_from_slice(&[0; 2]);
    value(out);
    let length = out.len().saturating_sub(start);
    if let Some(field) = out.get_mut(start..).and_then(|e| e.get_mut(2..HEADER_LEN)) {
        field.copy_from_slice(&narrow(length).to_be_bytes());
    }
    out.extend_from_slice(PADDING.get(..padding(length)).unwrap_or_default());
}

const PADDING: [u8; 3] = [0; 3];

/// The length field of an element. What this crate builds fits a packet, and a packet fits.
fn narrow(length: usize) -> u16 {
    debug_assert!(length <= usize::from(u16::MAX), "element of {length} bytes");
    u16::try_from(length).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_padded_to_four_bytes() {
        let mut out = Vec::new();
        write_tlv(&mut out, [1, 2], |out| out.push(9));
        write_tlv(&mut out, [3, 4], |_| ());
        assert_eq!(out, [1, 2, 0, 5, 9, 0, 0, 0, 3, 4, 0, 4]);
        let elements: Vec<_> = Tlvs::new(&out).map(Result::unwrap).collect();
        assert_eq!(elements[0], Tlv { head: [1, 2], value: &[9], whole: &out[..5] });
        assert_eq!(elements[1], Tlv { head: [3, 4], value: &[], whole: &out[8..] });
    }

    #[test]
    fn the_last_element_may_lack_its_padding() {
        let elements: Vec<_> = Tlvs::new(&[1, 2, 0, 5, 9]).collect();
        assert_eq!(elements.len(), 1);
        assert_eq!(elements[0].unwrap().value, [9]);
    }

    #[test]
    fn bad_lengths_are_errors_and_end_the_walk() {
        let cases: [(&[u8], ParseError); 4] = [
            (&[1, 0, 0, 3, 0], ParseError::BadLength { kind: 256, length: 3 }),
            (&[1, 0, 0, 0], ParseError::BadLength { kind: 256, length: 0 }),
            (&[1, 0, 0, 9, 0, 0, 0, 0], ParseError::BadLength { kind: 256, length: 9 }),
            (&[1, 0, 0], ParseError::Truncated { needed: 2, had: 1 }),
        ];
        for (bytes, expected) in cases {
            let found: Vec<_> = Tlvs::new(bytes).collect();
            assert_eq!(found, [Err(expected)]);
        }
    }
}
