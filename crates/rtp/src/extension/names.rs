//! Which media section and which encoding a packet belongs to, RFC 9143 §15 and RFC 8852 §3.

use crate::ParseError;

macro_rules! names {
    ($($(#[$doc:meta])+ $name:ident,)+) => {$(
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $name<'a>(&'a str);

        impl<'a> $name<'a> {
            /// A name. `None`: it is empty, longer than 255 bytes, or has a zero in it.
            pub fn new(name: &'a str) -> Option<Self> {
                let fits = (1..=255).contains(&name.len()) && !name.contains('\0');
                fits.then_some(Self(name))
            }

            /// Reads a value. What stands behind a zero is padding to some senders.
            ///
            /// # Errors
            ///
            /// Not UTF-8, longer than 255 bytes, or nothing.
            pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
                let name = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
                let name = core::str::from_utf8(name).map_err(|_| ParseError::Text)?;
                Self::new(name).ok_or(ParseError::Text)
            }

            /// The name; its bytes are the value on the wire.
            pub const fn as_str(&self) -> &'a str {
                self.0
            }
        }
    )+};
}

names! {
    /// The media section, `a=mid`.
    Mid,
    /// The encoding, `a=rid`.
    RtpStreamId,
    /// The encoding that the packet repairs.
    RepairedRtpStreamId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_text_up_to_a_zero() {
        assert_eq!(Mid::parse(b"video").map(|mid| mid.as_str()), Ok("video"));
        assert_eq!(RtpStreamId::parse(b"hi\0\0").map(|rid| rid.as_str()), Ok("hi"));
        for bytes in [&b""[..], b"\0a", &[0xff, 0xfe], &[b'a'; 256]] {
            assert_eq!(RepairedRtpStreamId::parse(bytes), Err(ParseError::Text));
        }
        assert_eq!(Mid::new(""), None);
    }
}
