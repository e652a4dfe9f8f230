//! `a=rid`: one encoding among several of the same media. RFC 8851 §4.

use core::fmt;

use crate::attribute::PayloadType;
use crate::error::Reason;
use crate::fields::Fields;
use crate::own::{into_owned, owned};
use crate::text::{Text, Token};

/// `h send pt=97;max-width=1280`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rid<'a> {
    /// Its name.
    pub id: Token<'a>,
    /// Whether the writer of the description sends or receives it.
    pub direction: RidDirection,
    /// Restrictions as they are written; may be empty.
    pub restrictions: Text<'a>,
}

/// Which way an encoding goes, seen from who wrote the description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RidDirection {
    /// From the writer to the reader.
    Send,
    /// From the reader to the writer.
    Recv,
}

into_owned!(Rid { id, direction, restrictions });
owned!(RidDirection);

impl<'a> Rid<'a> {
    /// An encoding without restrictions.
    pub fn new(id: impl Into<Token<'a>>, direction: RidDirection) -> Self {
        Self { id: id.into(), direction, restrictions: Text::default() }
    }

    /// Reads `h send pt=97;max-width=1280`.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        let mut fields = Fields::new(text);
        let id = fields.token("id")?;
        let direction = match fields.word("direction")? {
            "send" => RidDirection::Send,
            "recv" => RidDirection::Recv,
            _ => return Err(Reason::Invalid { field: "direction", expected: "send or recv" }),
        };
        Ok(Self { id, direction, restrictions: fields.rest() })
    }

    /// The restrictions, name and value: `max-width`, `max-fps`, `pt`.
    pub fn restrictions(&self) -> impl Iterator<Item = (&str, &str)> {
        super::parameters(&self.restrictions)
    }

    /// The payload types it is restricted to; none: all of the media description.
    pub fn payload_types(&self) -> impl Iterator<Item = PayloadType> {
        let list = self.restrictions().find(|(name, _)| *name == "pt").map(|(_, list)| list);
        let numbers = list.unwrap_or_default().split(',');
        numbers.filter_map(|number| PayloadType::parse(number.trim()).ok())
    }
}

impl fmt::Display for Rid<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)?;
        f.write_str(match self.direction {
            RidDirection::Send => " send",
            RidDirection::Recv => " recv",
        })?;
        if self.restrictions.is_empty() { Ok(()) } else { write!(f, " {}", self.restrictions) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restrictions_of_rfc_8851_section_10_1() {
        let rid = Rid::parse("5 send pt=99,102;max-br=64000;max-width=1280").unwrap();
        assert_eq!(rid.direction, RidDirection::Send);
        assert!(rid.payload_types().map(PayloadType::number).eq([99, 102]));
        assert!(rid.restrictions().any(|restriction| restriction == ("max-br", "64000")));
        assert_eq!(Rid::new("q", RidDirection::Recv).to_string(), "q recv");
        assert_eq!(Rid::parse("q recv").unwrap().payload_types().count(), 0);
    }
}
