//! A text, line by line. RFC 8866 §5 and §9.

use crate::error::Reason;

/// A line, without what ends it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// The letter before the equals sign.
    pub(super) letter: u8,
    /// What stands behind it.
    pub(super) value: &'a str,
    /// All of it.
    pub(super) text: &'a str,
}

/// The lines of a text.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    rest: &'a str,
    /// The number of the line that was read last, from 1.
    number: usize,
}

impl<'a> Lines<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { rest: text, number: 0 }
    }

    /// The number of the line that was read last, from 1.
    pub(super) const fn number(&self) -> usize {
        self.number
    }

    /// The next line.
    pub(super) fn next(&mut self) -> Option<Result<Line<'a>, Reason>> {
        if self.rest.is_empty() {
            return None;
        }
        self.number = self.number.saturating_add(1);
        let Some(line) = self.cut() else { return Some(Err(Reason::ControlCharacter)) };
        if line.is_empty() {
            // Some end a description with an empty line, or two.
            let ended = self.rest.bytes().all(|byte| matches!(byte, b'\r' | b'\n'));
            return if ended { None } else { Some(Err(Reason::EmptyLine)) };
        }
        Some(split(line))
    }

    /// Takes one line off. It ends with CR and LF, with LF alone, or with the text; if a CR or a
    /// NUL stands elsewhere, it is no line.
    fn cut(&mut self) -> Option<&'a str> {
        let end = self.rest.bytes().position(|byte| matches!(byte, b'\n' | b'\r' | b'\0'));
        let (line, tail) = self.rest.split_at_checked(end.unwrap_or(self.rest.len()))?;
        self.rest = match tail.as_bytes() {
            [] | [b'\r'] => "",
            [b'\n', ..] => tail.get(1..)?,
            [b'\r', b'\n', ..] => tail.get(2..)?,
            _ => return None,
        };
        Some(line)
    }
}

/// Letter and value of `a=mid:0`.
fn split(text: &str) -> Result<Line<'_>, Reason> {
    match text.as_bytes() {
        [letter, b'=', ..] if letter.is_ascii_alphabetic() => {
            Ok(Line { letter: *letter, value: text.get(2..).unwrap_or_default(), text })
        }
        _ => Err(Reason::NotALine),
    }
}
