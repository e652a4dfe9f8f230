//! `o=`: who made the description, and which version of it this is. RFC 8866 §5.2.

use core::fmt;

use crate::connection::Connection;
use crate::error::Reason;
use crate::fields::Fields;
use crate::own::into_owned;
use crate::text::Token;

/// `- 5220609228011712859 2 IN IP4 127.0.0.1`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin<'a> {
    /// The user's name on the host, `-` without one.
    pub username: Token<'a>,
    /// Tells this session from others of the same maker. Digits; kept as text, because some
    /// makers need more than 64 bits.
    pub session_id: Token<'a>,
    /// Goes up with each changed description of this session. Digits.
    pub session_version: Token<'a>,
    /// The maker's host.
    pub address: Connection<'a>,
}

into_owned!(Origin { username, session_id, session_version, address });

impl<'a> Origin<'a> {
    /// An origin that gives nothing away (RFC 9429 §5.2.1): no user, no address.
    pub fn anonymous(session_id: u64, session_version: u64) -> Self {
        Self {
            username: "-".into(),
            session_id: session_id.to_string().into(),
            session_version: session_version.to_string().into(),
            address: Connection::UNKNOWN,
        }
    }

    /// Reads `- 5220609228011712859 2 IN IP4 127.0.0.1`.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        let mut fields = Fields::new(text);
        Ok(Self {
            username: fields.token("username")?,
            session_id: fields.token("session id")?,
            session_version: fields.token("session version")?,
            address: Connection::read(fields)?,
        })
    }
}

impl fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { username, session_id, session_version, address } = self;
        write!(f, "{username} {session_id} {session_version} {address}")
    }
}
