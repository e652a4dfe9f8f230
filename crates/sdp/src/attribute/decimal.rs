//! A positive decimal number: `a=ptime`, `a=maxptime`, `a=framerate`. RFC 8866 §6.4, §6.5, §6.13.

use core::fmt;

use crate::error::Reason;
use crate::fields::only_word;
use crate::own::into_owned;
use crate::text::Token;

/// `20` or `29.97`, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal<'a> {
    text: Token<'a>,
}

into_owned!(Decimal { text });

impl<'a> Decimal<'a> {
    /// Reads digits, with a point among them or without.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        let text = only_word(text, "value")?;
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if digits(whole) && digits(fraction) {
            Ok(Self { text })
        } else {
            Err(Reason::Invalid { field: "value", expected: "a decimal number" })
        }
    }

    /// Its value.
    pub fn value(&self) -> f64 {
        self.text.parse().unwrap_or_default()
    }
}

impl From<u32> for Decimal<'_> {
    fn from(value: u32) -> Self {
        Self { text: value.to_string().into() }
    }
}

impl fmt::Display for Decimal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
