//! `a=rtcp`: where RTCP goes, if it is not multiplexed with RTP. RFC 3605 §2.1.

use core::fmt;

use crate::connection::Connection;
use crate::error::Reason;
use crate::fields::{Fields, PORTS};
use crate::own::into_owned;

/// `9 IN IP4 0.0.0.0`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rtcp<'a> {
    /// The port.
    pub port: u16,
    /// The address, if it is not that of `c=`.
    pub address: Option<Connection<'a>>,
}

into_owned!(Rtcp { port, address });

impl<'a> Rtcp<'a> {
    /// Reads `9` or `9 IN IP4 0.0.0.0`.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        let mut fields = Fields::new(text);
        let port = fields.number("port", PORTS)?;
        let address = if fields.is_empty() { None } else { Some(Connection::read(fields)?) };
        Ok(Self { port, address })
    }
}

impl fmt::Display for Rtcp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.port.fmt(f)?;
        self.address.as_ref().map_or(Ok(()), |address| write!(f, " {address}"))
    }
}
