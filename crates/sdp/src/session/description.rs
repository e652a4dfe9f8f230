//! A session description. RFC 8866 §5.

use core::fmt::{self, Write as _};

use crate::attribute::Attribute;
use crate::bandwidth::Bandwidth;
use crate::connection::Connection;
use crate::error::ParseError;
use crate::media::Media;
use crate::origin::Origin;
use crate::own::into_owned;
use crate::session::Section;
use crate::text::Text;
use crate::time::Time;
use crate::write::{line, lines};

/// A session description, RFC 8866.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session<'a> {
    /// `o=`, who made it.
    pub origin: Origin<'a>,
    /// `s=`, its name; `-` for none.
    pub name: Text<'a>,
    /// `i=`, a description for people.
    pub information: Option<Text<'a>>,
    /// `u=`, where there is more about it.
    pub uri: Option<Text<'a>>,
    /// `e=`, who is responsible.
    pub emails: Vec<Text<'a>>,
    /// `p=`, the same by telephone.
    pub phones: Vec<Text<'a>>,
    /// `c=`, where media goes that does not say it itself.
    pub connection: Option<Connection<'a>>,
    /// `b=`, how much bandwidth.
    pub bandwidth: Vec<Bandwidth<'a>>,
    /// `t=`, when it takes place. Some write none.
    pub times: Vec<Time<'a>>,
    /// `k=`, obsolete. Kept as text.
    pub key: Option<Text<'a>>,
    /// `a=`, in their order.
    pub attributes: Vec<Attribute<'a>>,
    /// `m=`, each with what follows it.
    pub media: Vec<Media<'a>>,
}

into_owned!(Session {
    origin,
    name,
    information,
    uri,
    emails,
    phones,
    connection,
    bandwidth,
    times,
    key,
    attributes,
    media,
});

impl<'a> Session<'a> {
    /// A session without name, attributes and media, that takes place now.
    pub fn new(origin: Origin<'a>) -> Self {
        Self {
            origin,
            name: "-".into(),
            information: None,
            uri: None,
            emails: Vec::new(),
            phones: Vec::new(),
            connection: None,
            bandwidth: Vec::new(),
            times: vec![Time::default()],
            key: None,
            attributes: Vec::new(),
            media: Vec::new(),
        }
    }

    /// Reads a description.
    ///
    /// Lines may end with LF alone, the last one with nothing; fields may have more than one blank
    /// between them; the lines of the session may stand in any order, `t=` may be missing. What
    /// is understood must be well-formed, what is not is kept.
    ///
    /// # Errors
    ///
    /// The first line that cannot be read, and why.
    pub fn parse(text: &'a str) -> Result<Self, ParseError> {
        super::parse::session(text)
    }

    /// Adds an attribute behind the others.
    pub fn push(&mut self, attribute: impl Into<Attribute<'a>>) -> &mut Self {
        self.attributes.push(attribute.into());
        self
    }

    /// Appends the description to `out`.
    pub fn write(&self, out: &mut String) {
        let written = write!(out, "{self}");
        debug_assert!(written.is_ok(), "a string takes everything");
    }

    /// The media descriptions, with what the session says for them.
    pub fn sections(&self) -> impl ExactSizeIterator<Item = Section<'_, 'a>> + DoubleEndedIterator {
        self.media.iter().map(|media| Section { session: self, media })
    }

    /// The media description at `index` (`sdpMLineIndex`).
    pub fn section(&self, index: usize) -> Option<Section<'_, 'a>> {
        self.media.get(index).map(|media| Section { session: self, media })
    }

    /// The media description called `mid`.
    pub fn section_by_mid(&self, mid: &str) -> Option<Section<'_, 'a>> {
        self.sections().find(|section| section.media.mid() == Some(mid))
    }
}

/// Writes the description, each line ended by CR and LF.
impl fmt::Display for Session<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("v=0\r\n")?;
        line(f, "o=", Some(&self.origin))?;
        line(f, "s=", Some(&self.name))?;
        line(f, "i=", self.information.as_ref())?;
        line(f, "u=", self.uri.as_ref())?;
        lines(f, "e=", &self.emails)?;
        lines(f, "p=", &self.phones)?;
        line(f, "c=", self.connection.as_ref())?;
        lines(f, "b=", &self.bandwidth)?;
        for Time { start, stop, repeats, zone } in &self.times {
            write!(f, "t={start} {stop}\r\n")?;
            lines(f, "r=", repeats)?;
            line(f, "z=", zone.as_ref())?;
        }
        line(f, "k=", self.key.as_ref())?;
        lines(f, "", &self.attributes)?;
        self.media.iter().try_for_each(|media| media.fmt(f))
    }
}
