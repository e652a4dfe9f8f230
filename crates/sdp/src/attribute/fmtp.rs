//! `a=fmtp`: parameters of a payload format. RFC 8866 §6.15.

use core::fmt;

use crate::attribute::PayloadType;
use crate::error::Reason;
use crate::fields::Fields;
use crate::own::into_owned;
use crate::text::{Text, Token};

/// `102 level-asymmetry-allowed=1;packetization-mode=1`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fmtp<'a> {
    /// Which of the formats of `m=`; for RTP a payload type.
    pub format: Token<'a>,
    /// The parameters as they are written.
    pub parameters: Text<'a>,
}

into_owned!(Fmtp { format, parameters });

impl<'a> Fmtp<'a> {
    /// The parameters of a payload format.
    pub fn new(payload_type: PayloadType, parameters: impl Into<Text<'a>>) -> Self {
        Self { format: payload_type.to_string().into(), parameters: parameters.into() }
    }

    /// Reads `102 level-asymmetry-allowed=1;packetization-mode=1`.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        let mut fields = Fields::new(text);
        Ok(Self { format: fields.token("format")?, parameters: fields.rest() })
    }

    /// The payload type, if the format is one.
    pub fn payload_type(&self) -> Option<PayloadType> {
        PayloadType::parse(&self.format).ok()
    }

    /// The parameters, name and value; one without `=` has an empty value.
    ///
    /// Not all formats write theirs so: `111/111` of RED is one name without a value.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        super::parameters(&self.parameters)
    }

    /// The value of a parameter, whose name is compared without regard to case.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

impl fmt::Display for Fmtp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.format)?;
        if self.parameters.is_empty() {
            return Ok(());
        }
        f.write_str(" ")?;
        f.write_str(&self.parameters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_names_and_values() {
        let fmtp =
            Fmtp::parse("97 profile-level-id=42c01f; max-fs=3600;sprop=Z0IA==,aM4; flag;").unwrap();
        let parameters: Vec<_> = fmtp.parameters().collect();
        let expected = [
            ("profile-level-id", "42c01f"),
            ("max-fs", "3600"),
            ("sprop", "Z0IA==,aM4"),
            ("flag", ""),
        ];
        assert_eq!(parameters, expected);
        assert_eq!(fmtp.parameter("Max-FS"), Some("3600"));
        assert_eq!(fmtp.payload_type().map(PayloadType::number), Some(97));
        assert_eq!(Fmtp::parse("webrtc-datachannel x=1").unwrap().payload_type(), None);
        assert_eq!(Fmtp::parse("97 ").unwrap().to_string(), "97");
    }
}
