//! `a=setup`, `a=connection`: who opens a connection, and whether it is a new one. RFC 4145 §4, §5.

use core::fmt;

use crate::error::Reason;
use crate::fields::only_word;
use crate::own::owned;

/// Who begins: for DTLS, who is the client (RFC 8842 §5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Setup {
    /// Begins.
    Active,
    /// Waits.
    Passive,
    /// Does either; what an offer says.
    ActPass,
    /// Wants no connection for now.
    HoldConn,
}

/// Whether a connection is a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConnectionReuse {
    /// It is a new one.
    New,
    /// It is the one there was.
    Existing,
}

owned!(Setup, ConnectionReuse);

impl Setup {
    /// Reads `actpass`.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        let expected = "active, passive, actpass or holdconn";
        match &*only_word(text, "role")? {
            "active" => Ok(Self::Active),
            "passive" => Ok(Self::Passive),
            "actpass" => Ok(Self::ActPass),
            "holdconn" => Ok(Self::HoldConn),
            _ => Err(Reason::Invalid { field: "role", expected }),
        }
    }
}

impl fmt::Display for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "active",
            Self::Passive => "passive",
            Self::ActPass => "actpass",
            Self::HoldConn => "holdconn",
        })
    }
}

impl ConnectionReuse {
    /// Reads `new`.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        match &*only_word(text, "value")? {
            "new" => Ok(Self::New),
            "existing" => Ok(Self::Existing),
            _ => Err(Reason::Invalid { field: "value", expected: "new or existing" }),
        }
    }
}

impl fmt::Display for ConnectionReuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::New => "new",
            Self::Existing => "existing",
        })
    }
}
