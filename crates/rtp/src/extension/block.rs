//! The block of header extensions in a packet, RFC 8285 §4.

use core::mem;

use crate::ParseError;
use crate::wire::{take, take_slice};

/// Header extensions as they lie in a packet.
///
/// ```text
/// +-------------------------------+-------------------------------+
/// |  0xBEDE, 0x100*, or a profile |   length in words of 4 bytes  |
/// +-------+-------+---------------+-------------------------------+
/// |  id   | len-1 | value …       one-byte form, 0xBEDE           |
/// +-------+-------+---------------+-------------------------------+
/// |  id           |  len          | value …  two-byte form, 0x100*|
/// +---------------+---------------+-------------------------------+
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extensions<'a> {
    /// Profile and data.
    block: Option<(u16, &'a [u8])>,
}

impl<'a> Extensions<'a> {
    /// No block.
    pub const NONE: Self = Self { block: None };
    /// The profile of blocks in the one-byte form.
    pub const ONE_BYTE: u16 = 0xbede;
    /// The profile of blocks in the two-byte form; the four low bits are the application's.
    pub const TWO_BYTE: u16 = 0x1000;

    /// A block as it lies in a packet, behind its own header. `None`: its length is not a multiple
    /// of four bytes, or more than 65535 times four.
    pub const fn new(profile: u16, data: &'a [u8]) -> Option<Self> {
        if !data.len().is_multiple_of(4) || data.len() / 4 > 0xffff {
            return None;
        }
        Some(Self { block: Some((profile, data)) })
    }

    /// The elements in their order, padding left out. A block of a profile that is neither form is
    /// empty here.
    #[inline]
    pub fn iter(&self) -> Elements<'a> {
        match self.block {
            Some((Self::ONE_BYTE, data)) => Elements { rest: data, form: Form::OneByte },
            Some((profile, data)) if profile & 0xfff0 == Self::TWO_BYTE => {
                Elements { rest: data, form: Form::TwoByte }
            }
            _ => Elements { rest: &[], form: Form::OneByte },
        }
    }

    /// The value of the first element with this id.
    #[inline]
    pub fn get(&self, id: u8) -> Option<&'a [u8]> {
        self.iter().find(|element| element.0 == id).map(|element| element.1)
    }

    /// Whether it has no element.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Takes a block off the front of what follows the CSRCs.
    #[inline]
    pub(crate) fn take(rest: &mut &'a [u8]) -> Result<Self, ParseError> {
        let [p0, p1, high, low] = take(rest)?;
        let words = usize::from(u16::from_be_bytes([high, low]));
        let data = take_slice(rest, words.wrapping_mul(4))?;
        Ok(Self { block: Some((u16::from_be_bytes([p0, p1]), data)) })
    }

    /// Appends the block, if there is one.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        if let Some((profile, data)) = self.block {
            let words = u16::try_from(data.len() / 4).unwrap_or(u16::MAX);
            out.extend_from_slice(&profile.to_be_bytes());
            out.extend_from_slice(&words.to_be_bytes());
            out.extend_from_slice(data);
        }
    }
}

impl<'a> IntoIterator for Extensions<'a> {
    type Item = (u8, &'a [u8]);
    type IntoIter = Elements<'a>;

    fn into_iter(self) -> Elements<'a> {
        self.iter()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    OneByte,
    TwoByte,
}

/// The elements of a block: id and value. What is malformed ends it.
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    rest: &'a [u8],
    form: Form,
}

impl<'a> Elements<'a> {
    /// RFC 8285 §4.2.
    #[inline]
    fn one_byte(&mut self) -> Option<(u8, &'a [u8])> {
        loop {
            let (&head, rest) = self.rest.split_first()?;
            // Neither padding with a length nor id 15 can be gone past.
            if let 0x10..0xf0 = head
                && let Some((value, rest)) =
                    rest.split_at_checked(usize::from(head & 0x0f).wrapping_add(1))
            {
                self.rest = rest;
                return Some((head >> 4, value));
            }
            // RFC 8285 §4.1.1: padding may stand between elements too.
            self.rest = if head == 0 { rest } else { &[] };
        }
    }

    /// RFC 8285 §4.3.
    #[inline]
    fn two_byte(&mut self) -> Option<(u8, &'a [u8])> {
        loop {
            let (&id, rest) = self.rest.split_first()?;
            if id != 0
                && let Some((&len, rest)) = rest.split_first()
                && let Some((value, rest)) = rest.split_at_checked(usize::from(len))
            {
                self.rest = rest;
                return Some((id, value));
            }
            self.rest = if id == 0 { rest } else { &[] };
        }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = (u8, &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match self.form {
            Form::OneByte => self.one_byte(),
            Form::TwoByte => self.two_byte(),
        }
    }
}

/// A block to be written: its form, and how long it becomes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    form: Form,
    /// How many elements there is room for; `None`: for all of them.
    count: Option<usize>,
    /// Their bytes, without padding.
    len: usize,
}

impl Block {
    /// Bytes of a block's own header.
    const HEADER_LEN: usize = 4;
    /// Bytes of elements that a block has room for.
    const MAX: usize = 0xffff * 4;

    /// Which form these elements take, and how many bytes.
    #[inline]
    pub(crate) fn measure<'v>(elements: impl Iterator<Item = (u8, &'v [u8])> + Clone) -> Self {
        let (mut short, mut len) = (true, 0_usize);
        for (id, value) in elements.clone() {
            short &= (1..=14).contains(&id) & (1..=16).contains(&value.len());
            len = len.saturating_add(value.len()).saturating_add(1);
        }
        if short && len <= Self::MAX {
            return Self { form: Form::OneByte, count: None, len };
        }
        Self::measure_any(elements)
    }

    /// The same where one element at least does not have the one-byte form.
    #[cold]
    fn measure_any<'v>(elements: impl Iterator<Item = (u8, &'v [u8])>) -> Self {
        let (mut form, mut count, mut len) = (Form::OneByte, 0_usize, 0_usize);
        for (id, value) in elements.filter(representable) {
            // In the longer form.
            let longer = len.wrapping_add(value.len()).wrapping_add(2);
            if longer > Self::MAX {
                break;
            }
            if id > 14 || value.is_empty() || value.len() > 16 {
                form = Form::TwoByte;
            }
            (count, len) = (count.wrapping_add(1), longer);
        }
        if form == Form::OneByte {
            len = len.wrapping_sub(count);
        }
        Self { form, count: Some(count), len }
    }

    /// Bytes of the whole block; 0: there is none.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        match self.len {
            0 => 0,
            len => Self::HEADER_LEN.wrapping_add(len.next_multiple_of(4)),
        }
    }

    /// Fills [`len`](Self::len) zeros with the block of the elements that were measured.
    #[inline]
    pub(crate) fn fill<'v>(
        &self,
        elements: impl Iterator<Item = (u8, &'v [u8])>,
        mut zeros: &mut [u8],
    ) {
        let profile = match self.form {
            Form::OneByte => Extensions::ONE_BYTE,
            Form::TwoByte => Extensions::TWO_BYTE,
        };
        // `MAX`: they fit.
        let words = u16::try_from(self.len.div_ceil(4)).unwrap_or(u16::MAX);
        let ([p0, p1], [w0, w1]) = (profile.to_be_bytes(), words.to_be_bytes());
        put(&mut zeros, [p0, p1, w0, w1]);
        match (self.form, self.count) {
            (Form::OneByte, None) => fill_one_byte(elements, zeros),
            (Form::OneByte, Some(count)) => {
                fill_one_byte(elements.filter(representable).take(count), zeros);
            }
            (Form::TwoByte, count) => {
                let count = count.unwrap_or(usize::MAX);
                for (id, value) in elements.filter(representable).take(count) {
                    put(&mut zeros, [id, length(value)]);
                    put_slice(&mut zeros, value);
                }
            }
        }
    }
}

/// Elements of one to sixteen bytes. Most are of one to three, for which a copy of any length costs
/// more than all the rest.
#[inline]
fn fill_one_byte<'v>(elements: impl Iterator<Item = (u8, &'v [u8])>, mut zeros: &mut [u8]) {
    for (id, value) in elements {
        let head = id << 4 | length(value).wrapping_sub(1) & 0x0f;
        match *value {
            [a] => put(&mut zeros, [head, a]),
            [a, b] => put(&mut zeros, [head, a, b]),
            [a, b, c] => put(&mut zeros, [head, a, b, c]),
            ref value => {
                put(&mut zeros, [head]);
                put_slice(&mut zeros, value);
            }
        }
    }
}

/// The length of a value that one of the forms has room for: at most 255.
#[inline]
fn length(value: &[u8]) -> u8 {
    u8::try_from(value.len()).unwrap_or_default()
}

/// Writes to the front of `to`, and goes on behind it.
#[inline]
fn put<const N: usize>(to: &mut &mut [u8], bytes: [u8; N]) {
    if let Some((front, behind)) = mem::take(to).split_first_chunk_mut() {
        *front = bytes;
        *to = behind;
    }
}

/// The same with any length.
#[inline]
fn put_slice(to: &mut &mut [u8], bytes: &[u8]) {
    if let Some((front, behind)) = mem::take(to).split_at_mut_checked(bytes.len()) {
        front.copy_from_slice(bytes);
        *to = behind;
    }
}

/// Whether one of the forms has room for an element.
#[inline]
fn representable(&(id, value): &(u8, &[u8])) -> bool {
    id != 0 && value.len() <= 255
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(profile: u16, data: &[u8]) -> Vec<(u8, Vec<u8>)> {
        let mut data = data.to_vec();
        data.resize(data.len().next_multiple_of(4), 0);
        let extensions = Extensions::new(profile, &data).unwrap();
        extensions.iter().map(|(id, value)| (id, value.to_vec())).collect()
    }

    fn written(elements: &[(u8, &[u8])]) -> Vec<u8> {
        let mut out = Vec::new();
        let block = Block::measure(elements.iter().copied());
        out.resize(block.len(), 0);
        block.fill(elements.iter().copied(), &mut out);
        out
    }

    /// The figures of RFC 8285 §4.2 and §4.3.
    #[test]
    fn reads_the_figures_of_the_rfc() {
        let one = [0x10, 0xa0, 0x21, 0xb0, 0xb1, 0, 0, 0x33, 0xc0, 0xc1, 0xc2, 0xc3];
        let expected = [(1, vec![0xa0]), (2, vec![0xb0, 0xb1]), (3, vec![0xc0, 0xc1, 0xc2, 0xc3])];
        assert_eq!(elements(0xbede, &one), expected);
        let two = [1, 0, 2, 1, 0xb0, 0, 3, 4, 0xc0, 0xc1, 0xc2, 0xc3];
        let expected = [(1, vec![]), (2, vec![0xb0]), (3, vec![0xc0, 0xc1, 0xc2, 0xc3])];
        assert_eq!(elements(0x1000, &two), expected);
        assert_eq!(elements(0x100f, &two), expected);
    }

    #[test]
    fn what_is_malformed_ends_the_block() {
        let first = vec![(1, vec![7])];
        // Padding with a length, id 15, a value beyond the end.
        assert_eq!(elements(0xbede, &[0x10, 7, 0x03, 1, 2, 3, 4, 0x20, 9]), first);
        assert_eq!(elements(0xbede, &[0x10, 7, 0xf0, 1, 0x20, 9]), first);
        assert_eq!(elements(0xbede, &[0x10, 7, 0x22, 9]), first);
        assert_eq!(elements(0x1000, &[1, 1, 7, 2, 9, 1]), first);
        assert_eq!(elements(0x1000, &[1, 1, 7, 2]), first);
    }

    #[test]
    fn other_profiles_are_empty_here() {
        assert!(Extensions::new(0x1010, &[1, 1, 7, 0]).unwrap().is_empty());
        assert_eq!(Extensions::new(0xbede, &[0x10, 7]), None);
        assert!(Extensions::NONE.is_empty());
        assert_eq!(Extensions::new(0xbede, &[0x10, 7, 0x20, 8]).unwrap().get(2), Some(&[8][..]));
    }

    #[test]
    fn short_elements_take_the_one_byte_form() {
        assert_eq!(
            written(&[(1, &[7]), (14, &[8, 9])]),
            [0xbe, 0xde, 0, 2, 0x10, 7, 0xe1, 8, 9, 0, 0, 0]
        );
        assert_eq!(written(&[(1, &[7; 16])]).len(), 24);
        assert_eq!(written(&[]), []);
    }

    #[test]
    fn one_that_needs_it_makes_all_take_the_two_byte_form() {
        assert_eq!(written(&[(1, &[7]), (15, &[8])]), [0x10, 0, 0, 2, 1, 1, 7, 15, 1, 8, 0, 0]);
        assert_eq!(written(&[(1, &[])]), [0x10, 0, 0, 1, 1, 0, 0, 0]);
        assert_eq!(written(&[(1, &[7; 17])])[..6], [0x10, 0, 0, 5, 1, 17]);
    }

    #[test]
    fn what_has_no_form_is_left_out() {
        assert_eq!(written(&[(0, &[7]), (2, &[0; 256])]), []);
        assert_eq!(written(&[(0, &[7]), (2, &[9])]), [0xbe, 0xde, 0, 1, 0x20, 9, 0, 0]);
        let many: Vec<(u8, &[u8])> = vec![(1, &[5; 255]); 1100];
        let out = written(&many);
        assert_eq!(out[..4], [0x10, 0, 0xff, 0xff]);
        let found = Extensions::new(0x1000, &out[4..]).unwrap().iter().count();
        assert_eq!(found, 0xffff * 4 / 257);
    }
}
