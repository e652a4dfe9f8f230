//! The fields of a line, cut off from left to right.

use core::ops::RangeInclusive;

use crate::error::Reason;
use crate::text::{Text, Token};

/// What ends a line, or may not stand in one.
pub(crate) const fn is_line_end(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\0')
}

/// What ends a word.
pub(crate) const fn is_blank(c: char) -> bool {
    is_line_end(c) || matches!(c, ' ' | '\t')
}

/// The part of a value that has not been read yet.
///
/// One blank separates fields; gateways also write more, or tabs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'a>(&'a str);

impl<'a> Fields<'a> {
    pub(crate) fn new(value: &'a str) -> Self {
        Self(value.trim_matches([' ', '\t']))
    }

    /// The next word, if there is one.
    pub(crate) fn next(&mut self) -> Option<&'a str> {
        if self.0.is_empty() {
            return None;
        }
        let end = self.0.bytes().position(|byte| matches!(byte, b' ' | b'\t'));
        let (word, rest) = end.and_then(|end| self.0.split_at_checked(end)).unwrap_or((self.0, ""));
        self.0 = rest.trim_start_matches([' ', '\t']);
        Some(word)
    }

    /// The next word, which is called `field`.
    pub(crate) fn word(&mut self, field: &'static str) -> Result<&'a str, Reason> {
        self.next().ok_or(Reason::Missing(field))
    }

    /// The next word, which is called `field`.
    pub(crate) fn token(&mut self, field: &'static str) -> Result<Token<'a>, Reason> {
        self.word(field).map(Token::parsed)
    }

    /// The next word, a number called `field`.
    pub(crate) fn number<T: TryFrom<u64>>(
        &mut self,
        field: &'static str,
        range: RangeInclusive<u64>,
    ) -> Result<T, Reason> {
        number(self.word(field)?, field, range)
    }

    /// Goes past `word`, if that is the next one.
    pub(crate) fn skip(&mut self, word: &str) -> bool {
        let mut ahead = *self;
        let found = ahead.next() == Some(word);
        if found {
            *self = ahead;
        }
        found
    }

    /// Whether nothing is left.
    pub(crate) const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// All that is left.
    pub(crate) const fn rest(self) -> Text<'a> {
        Text::parsed(self.0)
    }

    /// All that is left, as it is.
    pub(crate) const fn rest_str(self) -> &'a str {
        self.0
    }

    /// All words that are left.
    pub(crate) fn tokens(mut self) -> Vec<Token<'a>> {
        core::iter::from_fn(|| self.next().map(Token::parsed)).collect()
    }
}

/// All of `text` as one word called `field`.
pub(crate) fn only_word<'a>(text: &'a str, field: &'static str) -> Result<Token<'a>, Reason> {
    let mut fields = Fields::new(text);
    let word = fields.token(field)?;
    if fields.next().is_some() {
        return Err(Reason::Invalid { field, expected: "one word" });
    }
    Ok(word)
}

/// All of `text` as one number called `field`.
pub(crate) fn only_number<T: TryFrom<u64>>(
    text: &str,
    field: &'static str,
    range: RangeInclusive<u64>,
) -> Result<T, Reason> {
    number(&only_word(text, field)?, field, range)
}

/// What stands before and behind the first `separator`, an ASCII character that is a few bytes away
/// at most: there a loop is faster than a search.
pub(crate) fn split_once(text: &str, separator: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == separator)?;
    let (before, behind) = text.split_at_checked(at)?;
    Some((before, behind.get(1..)?))
}

/// A decimal number called `field`.
pub(crate) fn number<T: TryFrom<u64>>(
    text: &str,
    field: &'static str,
    range: RangeInclusive<u64>,
) -> Result<T, Reason> {
    if text.is_empty() {
        return Err(Reason::Missing(field));
    }
    let (min, max) = (*range.start(), *range.end());
    let out_of_range = |value| Reason::OutOfRange { field, value, min, max };
    let mut value = 0_u64;
    for byte in text.bytes() {
        if !byte.is_ascii_digit() {
            return Err(Reason::Invalid { field, expected: "a number" });
        }
        let digit = u64::from(byte.wrapping_sub(b'0'));
        let next = value.checked_mul(10).and_then(|tens| tens.checked_add(digit));
        value = next.ok_or_else(|| out_of_range(u64::MAX))?;
    }
    if !range.contains(&value) {
        return Err(out_of_range(value));
    }
    T::try_from(value).map_err(|_| out_of_range(value))
}

/// All ports.
pub(crate) const PORTS: RangeInclusive<u64> = 0..=0xffff;

/// All numbers of 32 bits.
pub(crate) const U32: RangeInclusive<u64> = 0..=0xffff_ffff;

/// All numbers of 64 bits.
pub(crate) const U64: RangeInclusive<u64> = 0..=u64::MAX;
