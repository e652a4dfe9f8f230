//! Any parameter: the type decides who reads it, RFC 9260 §3.2.1.

use super::{
    AddIncomingStreams, AddOutgoingStreams, CookiePreservative, ForwardTsnSupported, HeartbeatInfo,
    HostNameAddress, IncomingSsnReset, Ipv4Address, Ipv6Address, OutgoingSsnReset,
    ReConfigResponse, SsnTsnReset, StateCookie, SupportedAddressTypes, SupportedExtensions,
    UnknownParameter, UnrecognizedParameter, ZeroChecksumAcceptable,
};
use crate::wire::{ParseError, Tlv, Tlvs, padding};

macro_rules! parameters {
    ($($name:ident $(<$life:lifetime>)?),+ $(,)?) => {
        /// One parameter.
        #[expect(missing_docs, reason = "each variant is the type of its name")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Parameter<'a> {
            $($name($name $(<$life>)?),)+
            Unknown(UnknownParameter<'a>),
        }

        impl<'a> Parameter<'a> {
            fn parse(tlv: Tlv<'a>) -> Result<Self, ParseError> {
                let kind = u16::from_be_bytes(tlv.head);
                Ok(match kind {
                    $($name::TYPE => Self::$name($name::parse(tlv.value)?),)+
                    _ => Self::Unknown(UnknownParameter::new(kind, tlv.whole)),
                })
            }

            /// Appends the parameter, padded.
            pub fn write(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$name(parameter) => parameter.write(out),)+
                    Self::Unknown(parameter) => parameter.write(out),
                }
            }
        }
    };
}

parameters!(
    HeartbeatInfo<'a>,
    Ipv4Address,
    Ipv6Address,
    StateCookie<'a>,
    UnrecognizedParameter<'a>,
    CookiePreservative,
    HostNameAddress<'a>,
    SupportedAddressTypes<'a>,
    OutgoingSsnReset<'a>,
    IncomingSsnReset<'a>,
    SsnTsnReset,
    ReConfigResponse,
    AddOutgoingStreams,
    AddIncomingStreams,
    ZeroChecksumAcceptable,
    SupportedExtensions<'a>,
    ForwardTsnSupported,
);

/// Parameters one after the other, all well formed up to the first unknown one that forbids to
/// go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parameters<'a>(&'a [u8]);

impl<'a> Parameters<'a> {
    /// Reads each of them once. The padding of the last one does not belong to them (RFC 9260
    /// §3.2: a chunk's length leaves it out).
    ///
    /// # Errors
    ///
    /// One of them is malformed.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        let (mut begin, mut end) = (0_usize, 0_usize);
        for tlv in Tlvs::new(bytes) {
            let tlv = tlv?;
            end = begin.saturating_add(tlv.whole.len());
            begin = end.saturating_add(padding(tlv.whole.len()));
            if matches!(Parameter::parse(tlv)?, Parameter::Unknown(u) if !u.go_on()) {
                return Ok(Self(bytes));
            }
        }
        Ok(Self(bytes.get(..end).unwrap_or(bytes)))
    }

    /// The parameters in their order. The last one is the first unknown one that forbids to go on.
    pub fn iter(self) -> impl Iterator<Item = Parameter<'a>> {
        let mut stopped = false;
        Tlvs::new(self.0).map_while(move |tlv| {
            if stopped {
                return None;
            }
            let parameter = Parameter::parse(tlv.ok()?).ok()?;
            stopped = matches!(parameter, Parameter::Unknown(u) if !u.go_on());
            Some(parameter)
        })
    }

    /// All of them on the wire.
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }
}
