//! `a=simulcast`: which encodings are sent or received at the same time. RFC 8853 §5.1.
//!
//! ```text
//! send 1,~4;2;3 recv c
//!      |  | |        encodings, by their a=rid
//!      |  | another stream
//!      |  paused at first
//!      alternatives of one stream
//! ```

use core::fmt;

use crate::error::Reason;
use crate::fields::Fields;
use crate::own::into_owned;
use crate::text::Token;

/// Streams sent and received at the same time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Simulcast<'a> {
    /// What the writer of the description sends.
    pub send: Vec<SimulcastStream<'a>>,
    /// What the writer of the description receives.
    pub recv: Vec<SimulcastStream<'a>>,
}

/// One stream: encodings of which one is sent at a time, the first the best liked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SimulcastStream<'a> {
    /// The encodings.
    pub alternatives: Vec<SimulcastRid<'a>>,
}

/// An encoding, `f`, or one that is paused at first, `~f`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SimulcastRid<'a> {
    /// Its `a=rid`.
    pub id: Token<'a>,
    /// Whether it is paused at first.
    pub paused: bool,
}

into_owned!(Simulcast { send, recv });
into_owned!(SimulcastStream { alternatives });
into_owned!(SimulcastRid { id, paused });

impl<'a> Simulcast<'a> {
    /// Reads `send 1,~4;2;3 recv c`.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        let mut fields = Fields::new(text);
        let mut simulcast = Self::default();
        while let Some(direction) = fields.next() {
            let streams = match direction {
                "send" => &mut simulcast.send,
                "recv" => &mut simulcast.recv,
                _ => return Err(Reason::Invalid { field: "direction", expected: "send or recv" }),
            };
            if !streams.is_empty() {
                return Err(Reason::Invalid { field: "direction", expected: "there only once" });
            }
            let list = fields.word("list of streams")?;
            *streams = list.split(';').map(SimulcastStream::parse).collect::<Result<_, _>>()?;
        }
        if simulcast.send.is_empty() && simulcast.recv.is_empty() {
            return Err(Reason::Missing("direction"));
        }
        Ok(simulcast)
    }
}

impl<'a> SimulcastStream<'a> {
    fn parse(list: &'a str) -> Result<Self, Reason> {
        let alternatives = list.split(',').map(SimulcastRid::parse).collect::<Result<_, _>>()?;
        Ok(Self { alternatives })
    }
}

impl<'a> SimulcastRid<'a> {
    fn parse(text: &'a str) -> Result<Self, Reason> {
        let (id, paused) = match text.strip_prefix('~') {
            Some(id) => (id, true),
            None => (text, false),
        };
        if id.is_empty() {
            Err(Reason::Missing("rid"))
        } else {
            Ok(Self { id: Token::parsed(id), paused })
        }
    }
}

/// A stream of one encoding.
impl<'a> From<&'a str> for SimulcastStream<'a> {
    fn from(rid: &'a str) -> Self {
        Self { alternatives: vec![SimulcastRid { id: rid.into(), paused: false }] }
    }
}

impl fmt::Display for Simulcast<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let directions = [("send ", &self.send), ("recv ", &self.recv)];
        let mut separator = "";
        for (name, streams) in directions.into_iter().filter(|(_, streams)| !streams.is_empty()) {
            f.write_str(separator)?;
            f.write_str(name)?;
            separator = "";
            for stream in streams {
                write!(f, "{separator}{stream}")?;
                separator = ";";
            }
            separator = " ";
        }
        Ok(())
    }
}

impl fmt::Display for SimulcastStream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for SimulcastRid { id, paused } in &self.alternatives {
            let pause = if *paused { "~" } else { "" };
            write!(f, "{separator}{pause}{id}")?;
            separator = ",";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_have_alternatives_that_may_be_paused() {
        let simulcast = Simulcast::parse("send 1,~4;2;3 recv c").unwrap();
        assert_eq!(simulcast.send.len(), 3);
        let [first, second] = &*simulcast.send[0].alternatives else { panic!() };
        assert_eq!((&*first.id, first.paused), ("1", false));
        assert_eq!((&*second.id, second.paused), ("4", true));
        assert_eq!(simulcast.recv, ["c".into()]);
        assert_eq!(simulcast.to_string(), "send 1,~4;2;3 recv c");
    }
}
