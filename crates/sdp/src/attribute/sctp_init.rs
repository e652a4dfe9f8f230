//! `a=sctp-init`: the INIT chunk of an association, sent ahead. draft-hancke-tsvwg-snap-01 §4.

use core::fmt;

use crate::error::Reason;
use crate::fields::only_word;
use crate::own::into_owned;
use crate::text::Token;

/// The digits of base64, RFC 4648 §4.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// An SCTP INIT chunk in base64.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SctpInit<'a> {
    base64: Token<'a>,
}

into_owned!(SctpInit { base64 });

impl<'a> SctpInit<'a> {
    /// The attribute that carries this chunk.
    pub fn new(chunk: &[u8]) -> Self {
        let mut base64 = String::new();
        for group in chunk.chunks(3) {
            let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or_default());
            let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
            for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
                let digit = usize::try_from(bits >> shift & 0x3f).ok();
                let digit = digit.and_then(|digit| DIGITS.get(digit)).filter(|_| at <= group.len());
                base64.push(digit.copied().map_or('=', char::from));
            }
        }
        Self { base64: base64.into() }
    }

    /// Reads base64.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        let base64 = only_word(text, "chunk")?;
        match decode(&base64) {
            Some(_) => Ok(Self { base64 }),
            None => Err(Reason::Invalid { field: "chunk", expected: "base64" }),
        }
    }

    /// The chunk.
    pub fn chunk(&self) -> Vec<u8> {
        decode(&self.base64).unwrap_or_default()
    }
}

impl fmt::Display for SctpInit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base64)
    }
}

/// The bytes, if `text` is base64 in groups of four digits, with `=` for what is not there.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut groups = text.as_bytes().chunks(4).peekable();
    while let Some(group) = groups.next() {
        let digits = match group {
            [_, _, b'=', b'='] => 2,
            [_, _, _, b'='] => 3,
            [_, _, _, _] => 4,
            _ => return None,
        };
        if digits < 4 && groups.peek().is_some() {
            return None;
        }
        let mut bits = 0_u32;
        for byte in group.iter().take(digits) {
            let digit = DIGITS.iter().position(|digit| digit == byte)?;
            bits = bits << 6 | u32::try_from(digit).ok()?;
        }
        let [_, b0, b1, b2] = match digits {
            2 => bits << 12,
            3 => bits << 6,
            _ => bits,
        }
        .to_be_bytes();
        bytes.extend([b0, b1, b2].into_iter().take(digits.saturating_sub(1)));
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648 §10.
    #[test]
    fn base64_both_ways() {
        for (bytes, text) in [
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(SctpInit::new(bytes.as_bytes()).to_string(), text);
            assert_eq!(SctpInit::parse(text).unwrap().chunk(), bytes.as_bytes());
        }
        for malformed in ["", "Zg", "Zg=", "Zg==Zg==", "====", "Z===", "Zm9-", "Zg== x"] {
            assert!(SctpInit::parse(malformed).is_err(), "{malformed}");
        }
    }
}
