//! `a=rtcp-fb`: feedback that a receiver may send. RFC 4585 §4.2, RFC 5104 §7.1.

use core::fmt;

use crate::attribute::PayloadType;
use crate::error::Reason;
use crate::fields::{Fields, U32, number};
use crate::own::{IntoOwned, into_owned};
use crate::text::Text;

/// `96 nack pli`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RtcpFb<'a> {
    /// For which payload type; `None` for all of them, `*`.
    pub payload_type: Option<PayloadType>,
    /// Which feedback.
    pub feedback: Feedback<'a>,
}

into_owned!(RtcpFb { payload_type, feedback });

macro_rules! feedback {
    ($($(#[$doc:meta])* $variant:ident $text:literal)*) => {
        /// Feedback of a receiver.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Feedback<'a> {
            $($(#[$doc])* $variant,)*
            /// `trr-int 100`: at least so many milliseconds between regular reports
            /// (RFC 4585 §4.2).
            MinimumInterval(u32),
            /// Another one, as it is written.
            Other(Text<'a>),
        }

        impl<'a> From<Text<'a>> for Feedback<'a> {
            fn from(text: Text<'a>) -> Self {
                match &*text {
                    $($text => Self::$variant,)*
                    _ => minimum_interval(&text).map_or(Self::Other(text), Self::MinimumInterval),
                }
            }
        }

        impl IntoOwned for Feedback<'_> {
            type Owned = Feedback<'static>;

            fn into_owned(self) -> Self::Owned {
                match self {
                    $(Self::$variant => Feedback::$variant,)*
                    Self::MinimumInterval(interval) => Feedback::MinimumInterval(interval),
                    Self::Other(text) => Feedback::Other(text.into_owned()),
                }
            }
        }

        impl fmt::Display for Feedback<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant => f.write_str($text),)*
                    Self::MinimumInterval(interval) => write!(f, "trr-int {interval}"),
                    Self::Other(text) => f.write_str(text),
                }
            }
        }
    };
}

feedback! {
    /// Packets that are missing, RFC 4585 §6.2.1.
    Nack "nack"
    /// Picture loss, RFC 4585 §6.3.1.
    NackPli "nack pli"
    /// Slice loss, RFC 4585 §6.3.2.
    NackSli "nack sli"
    /// Reference picture selection, RFC 4585 §6.3.3.
    NackRpsi "nack rpsi"
    /// Reference picture selection as acknowledgement, RFC 4585 §6.3.3.
    AckRpsi "ack rpsi"
    /// Congestion control feedback, RFC 8888 §6.
    AckCcfb "ack ccfb"
    /// Full intra request, RFC 5104 §4.3.1.
    CcmFir "ccm fir"
    /// Temporary maximum media stream bit rate, RFC 5104 §4.2.1.
    CcmTmmbr "ccm tmmbr"
    /// Temporal-spatial trade-off, RFC 5104 §4.3.2.
    CcmTstr "ccm tstr"
    /// Receiver estimated maximum bit rate, draft-alvestrand-rmcat-remb-03.
    GoogRemb "goog-remb"
    /// Transport-wide congestion control, draft-holmer-rmcat-transport-wide-cc-extensions-01.
    TransportCc "transport-cc"
}

impl<'a> RtcpFb<'a> {
    /// Reads `96 nack pli` or `* ccm fir`.
    pub fn parse(text: &'a str) -> Result<Self, Reason> {
        let mut fields = Fields::new(text);
        let payload_type = match fields.word("payload type")? {
            "*" => None,
            number => Some(PayloadType::parse(number)?),
        };
        let feedback = fields.rest();
        if feedback.is_empty() {
            return Err(Reason::Missing("feedback"));
        }
        Ok(Self { payload_type, feedback: feedback.into() })
    }

    /// Whether it is meant for a payload type.
    pub fn covers(&self, payload_type: PayloadType) -> bool {
        self.payload_type.is_none_or(|own| own == payload_type)
    }
}

/// The interval in `trr-int 100`, if it is written in no other way.
fn minimum_interval(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("trr-int ")?;
    let interval = number(digits, "interval", U32).ok()?;
    (digits == "0" || !digits.starts_with('0')).then_some(interval)
}

impl fmt::Display for RtcpFb<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.payload_type {
            None => f.write_str("*")?,
            Some(payload_type) => payload_type.fmt(f)?,
        }
        f.write_str(" ")?;
        self.feedback.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_and_unknown_feedback_is_written_as_it_was_read() {
        for (text, feedback) in [
            ("* ack ccfb", Feedback::AckCcfb),
            ("120 nack", Feedback::Nack),
            ("120 nack pli", Feedback::NackPli),
            ("120 ccm fir", Feedback::CcmFir),
            ("120 goog-remb", Feedback::GoogRemb),
            ("120 trr-int 123", Feedback::MinimumInterval(123)),
            ("120 trr-int 0123", Feedback::Other("trr-int 0123".into())),
            ("120 ccm vbcm 123 456", Feedback::Other("ccm vbcm 123 456".into())),
        ] {
            let parsed = RtcpFb::parse(text).unwrap();
            assert_eq!(parsed.feedback, feedback);
            assert_eq!(parsed.to_string(), text);
        }
    }
}
