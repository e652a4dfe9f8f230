//! A text, line by line. RFC 8866 §5 and §9.

use crate::error::Reason;

/// The lines of a text, without what ends them.
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

    /// The letter and the value of the next line.
    pub(super) fn next(&mut self) -> Option<Result<(u8, &'a str), Reason>> {
        if self.rest.is_empty() {
            return None;
        }
        let line = self.cut();
        if line.is_empty() {
            // Some end a description with an empty line, or two.
            let ended = self.rest.bytes().all(|byte| matches!(byte, b'\r' | b'\n'));
            return if ended { None } else { Some(Err(Reason::EmptyLine)) };
        }
        Some(split(line))
    }

    /// Takes one line off.
    fn cut(&mut self) -> &'a str {
        let (line, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
        self.rest = rest;
        self.number = self.number.saturating_add(1);
        line.strip_suffix('\r').unwrap_or(line)
    }
}

/// Letter and value of `a=mid:0`.
fn split(line: &str) -> Result<(u8, &str), Reason> {
    if line.bytes().any(|byte| matches!(byte, b'\r' | b'\0')) {
        return Err(Reason::ControlCharacter);
    }
    match line.as_bytes() {
        [letter, b'=', ..] if letter.is_ascii_alphabetic() => {
            Ok((*letter, line.get(2..).unwrap_or_default()))
        }
        _ => Err(Reason::NotALine),
    }
}
