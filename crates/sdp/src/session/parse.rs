//! From lines to a description. RFC 8866 §5.

use crate::attribute::Attribute;
use crate::bandwidth::Bandwidth;
use crate::connection::Connection;
use crate::error::{ParseError, Reason};
use crate::fields::{U64, number};
use crate::media::Media;
use crate::origin::Origin;
use crate::session::Session;
use crate::session::lines::Lines;
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
            Some(Ok((b'v', version))) => check_version(version).map_err(|reason| ("v=", reason))?,
            _ => return Err(("", Reason::NotAnSdp)),
        }
        while let Some(line) = lines.next() {
            let (letter, value) = line.map_err(|reason| ("", reason))?;
            match (letter, self.media.last_mut()) {
                (b'm', _) => {
                    self.media.push(Media::parse_line(value).map_err(|reason| ("m=", reason))?);
                }
                (_, None) => self.session_line(letter, value)?,
                (_, Some(media)) => media_line(media, letter, value)?,
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
    fn session_line(&mut self, letter: u8, value: &'a str) -> Result<(), Fault> {
        let text = Text::parsed(value);
        let (place, read) = match letter {
            b'a' => return attribute(&mut self.attributes, value),
            b'o' => ("o=", Origin::parse(value).and_then(|origin| once(&mut self.origin, origin))),
            b's' => ("s=", once(&mut self.name, text)),
            b'i' => ("i=", once(&mut self.information, text)),
            b'u' => ("u=", once(&mut self.uri, text)),
            b'e' => ("e=", more(&mut self.emails, Ok(text))),
            b'p' => ("p=", more(&mut self.phones, Ok(text))),
            b'c' => ("c=", Connection::parse(value).and_then(|c| once(&mut self.connection, c))),
            b'b' => ("b=", more(&mut self.bandwidth, Bandwidth::parse(value))),
            b't' => ("t=", more(&mut self.times, Time::parse(value))),
            b'r' => ("r=", self.time().and_then(|time| more(&mut time.repeats, Ok(text)))),
            b'z' => ("z=", self.time().and_then(|time| once(&mut time.zone, text))),
            b'k' => ("k=", once(&mut self.key, text)),
            b'v' => ("v=", Err(Reason::Repeated)),
            _ => ("", more(&mut self.attributes, Ok(unknown(letter, value)))),
        };
        read.map_err(|reason| (place, reason))
    }

    /// The time that `r=` and `z=` say more about.
    fn time(&mut self) -> Result<&mut Time<'a>, Reason> {
        self.times.last_mut().ok_or(Reason::WithoutTime)
    }
}

/// A line behind an `m=`.
fn media_line<'a>(media: &mut Media<'a>, letter: u8, value: &'a str) -> Result<(), Fault> {
    let text = Text::parsed(value);
    let (place, read) = match letter {
        b'a' => return attribute(&mut media.attributes, value),
        b'i' => ("i=", once(&mut media.information, text)),
        b'c' => ("c=", more(&mut media.connections, Connection::parse(value))),
        b'b' => ("b=", more(&mut media.bandwidth, Bandwidth::parse(value))),
        b'k' => ("k=", once(&mut media.key, text)),
        b'v' => ("v=", Err(Reason::InMedia)),
        b'o' => ("o=", Err(Reason::InMedia)),
        b's' => ("s=", Err(Reason::InMedia)),
        b'u' => ("u=", Err(Reason::InMedia)),
        b'e' => ("e=", Err(Reason::InMedia)),
        b'p' => ("p=", Err(Reason::InMedia)),
        b't' => ("t=", Err(Reason::InMedia)),
        b'r' => ("r=", Err(Reason::InMedia)),
        b'z' => ("z=", Err(Reason::InMedia)),
        _ => ("", more(&mut media.attributes, Ok(unknown(letter, value)))),
    };
    read.map_err(|reason| (place, reason))
}

fn check_version(text: &str) -> Result<(), Reason> {
    match number(text.trim(), "version", U64)? {
        0_u64 => Ok(()),
        version => Err(Reason::Version(version)),
    }
}

fn attribute<'a>(attributes: &mut Vec<Attribute<'a>>, text: &'a str) -> Result<(), Fault> {
    attributes.push(Attribute::parse(text)?);
    Ok(())
}

/// RFC 8866 §5 wants such descriptions ignored altogether; browsers ignore the line.
fn unknown<'a>(letter: u8, value: &str) -> Attribute<'a> {
    Attribute::UnknownLine(format!("{}={value}", char::from(letter)).into())
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
fn more<T>(list: &mut Vec<T>, value: Result<T, Reason>) -> Result<(), Reason> {
    list.push(value?);
    Ok(())
}
