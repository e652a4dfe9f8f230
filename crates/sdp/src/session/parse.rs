//! From lines to a description. RFC 8866 §5.

use crate::attribute::Attribute;
use crate::bandwidth::Bandwidth;
use crate::connection::Connection;
use crate::error::{ParseError, Reason};
use crate::fields::{U64, only_number};
use crate::media::Media;
use crate::origin::Origin;
use crate::session::Session;
use crate::session::lines::{Line, Lines};
use crate::text::Text;
use crate::time::Time;

/// What is wrong with a line, and what stands on it.
type Fault = (&'static str, Reason);

/// Reads a description.
pub(super) fn session(text: &str) -> Result<Session<'_>, ParseError> {
    let mut lines = Lines::new(text);
    let mut draft = Draft::default();
    let read = draft.read(&mut lines).and_then(|()| draft.finish());
    read.map_err(|(place, reason)| ParseError { line: lines.number().max(1), place, reason })
}

/// What has been read of a description.
#[derive(Default)]
struct Draft<'a> {
    origin: Option<Origin<'a>>,
    name: Option<Text<'a>>,
    information: Option<Text<'a>>,
    uri: Option<Text<'a>>,
    emails: Vec<Text<'a>>,
    phones: Vec<Text<'a>>,
    connection: Option<Connection<'a>>,
    bandwidth: Vec<Bandwidth<'a>>,
    times: Vec<Time<'a>>,
    key: Option<Text<'a>>,
    attributes: Vec<Attribute<'a>>,
    media: Vec<Media<'a>>,
}

impl<'a> Draft<'a> {
    fn read(&mut self, lines: &mut Lines<'a>) -> Result<(), Fault> {
        match lines.next() {
            Some(Ok(Line { letter: b'v', value, .. })) => check_version(value)?,
            _ => return Err(("", Reason::NotAnSdp)),
        }
        while let Some(line) = lines.next() {
            let line = line.map_err(|reason| ("", reason))?;
            match (line, self.media.last_mut()) {
                (Line { letter: b'm', value, .. }, _) => {
                    self.media.push(Media::parse_line(value).map_err(|reason| ("m=", reason))?);
                }
                (Line { letter: b'a', value, .. }, None) => {
                    self.attributes.push(Attribute::parse(value)?);
                }
                (Line { letter: b'a', value, .. }, Some(media)) => {
                    media.attributes.push(Attribute::parse(value)?);
                }
                (_, None) => {
                    self.session_line(line).map_err(|reason| (place(line.letter), reason))?;
                }
                (_, Some(media)) => {
                    media_line(media, line).map_err(|reason| (place(line.letter), reason))?;
                }
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Session<'a>, Fault> {
        Ok(Session {
            origin: self.origin.ok_or(("", Reason::NoLine("o=")))?,
            name: self.name.ok_or(("", Reason::NoLine("s=")))?,
            information: self.information,
            uri: self.uri,
            emails: self.emails,
            phones: self.phones,
            connection: self.connection,
            bandwidth: self.bandwidth,
            times: self.times,
            key: self.key,
            attributes: self.attributes,
            media: self.media,
        })
    }

    /// A line before the first `m=`.
    fn session_line(&mut self, line: Line<'a>) -> Result<(), Reason> {
        let text = Text::parsed(line.value);
        match line.letter {
            b'o' => once(&mut self.origin, Origin::parse(line.value)?),
            b's' => once(&mut self.name, text),
            b'i' => once(&mut self.information, text),
            b'u' => once(&mut self.uri, text),
            b'e' => more(&mut self.emails, text),
            b'p' => more(&mut self.phones, text),
            b'c' => once(&mut self.connection, Connection::parse(line.value)?),
            b'b' => more(&mut self.bandwidth, Bandwidth::parse(line.value)?),
            b't' => more(&mut self.times, Time::parse(line.value)?),
            b'r' => more(&mut self.time()?.repeats, text),
            b'z' => once(&mut self.time()?.zone, text),
            b'k' => once(&mut self.key, text),
            b'v' => Err(Reason::Repeated),
            _ => more(&mut self.attributes, unknown(line)),
        }
    }

    /// The time that `r=` and `z=` say more about.
    fn time(&mut self) -> Result<&mut Time<'a>, Reason> {
        self.times.last_mut().ok_or(Reason::WithoutTime)
    }
}

/// A line behind an `m=`.
fn media_line<'a>(media: &mut Media<'a>, line: Line<'a>) -> Result<(), Reason> {
    let text = Text::parsed(line.value);
    match line.letter {
        b'i' => once(&mut media.information, text),
        b'c' => more(&mut media.connections, Connection::parse(line.value)?),
        b'b' => more(&mut media.bandwidth, Bandwidth::parse(line.value)?),
        b'k' => once(&mut media.key, text),
        b'v' | b'o' | b's' | b'u' | b'e' | b'p' | b't' | b'r' | b'z' => Err(Reason::InMedia),
        _ => more(&mut media.attributes, unknown(line)),
    }
}

/// RFC 8866 §5 wants such descriptions ignored altogether; browsers ignore the line.
const fn unknown(line: Line<'_>) -> Attribute<'_> {
    Attribute::UnknownLine(Text::parsed(line.text))
}

fn check_version(text: &str) -> Result<(), Fault> {
    let version = only_number(text, "version", U64).map_err(|reason| ("v=", reason))?;
    if version == 0 { Ok(()) } else { Err(("v=", Reason::Version(version))) }
}

/// Fills what may be there once.
fn once<T>(place: &mut Option<T>, value: T) -> Result<(), Reason> {
    if place.is_some() {
        return Err(Reason::Repeated);
    }
    *place = Some(value);
    Ok(())
}

/// Adds to what may be there many times.
fn more<T>(list: &mut Vec<T>, value: T) -> Result<(), Reason> {
    list.push(value);
    Ok(())
}

/// How an error names a line.
const fn place(letter: u8) -> &'static str {
    match letter {
        b'v' => "v=",
        b'o' => "o=",
        b's' => "s=",
        b'i' => "i=",
        b'u' => "u=",
        b'e' => "e=",
        b'p' => "p=",
        b'c' => "c=",
        b'b' => "b=",
        b't' => "t=",
        b'r' => "r=",
        b'z' => "z=",
        b'k' => "k=",
        _ => "",
    }
}
