//! Any error cause: the code decides who reads it, RFC 9260 §3.3.10.

use super::{
    CookieWhileShuttingDown, InvalidMandatoryParameter, InvalidStream, MissingParameter,
    NoUserData, OutOfResource, ProtocolViolation, RestartWithNewAddresses, StaleCookie,
    UnknownCause, UnrecognizedChunk, UnrecognizedParameters, UnresolvableAddress, UserAbort,
};
use crate::wire::{ParseError, Tlv, Tlvs};

macro_rules! causes {
    ($($name:ident $(<$life:lifetime>)?),+ $(,)?) => {
        /// One error cause.
        #[expect(missing_docs, reason = "each variant is the type of its name")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Cause<'a> {
            $($name($name $(<$life>)?),)+
            Unknown(UnknownCause<'a>),
        }

        impl<'a> Cause<'a> {
            fn parse(tlv: Tlv<'a>) -> Result<Self, ParseError> {
                let code = u16::from_be_bytes(tlv.head);
                Ok(match code {
                    $($name::CODE => Self::$name($name::parse(tlv.value)?),)+
                    _ => Self::Unknown(UnknownCause { code, value: tlv.value }),
                })
            }

            /// Appends the cause, padded.
            pub fn write(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$name(cause) => cause.write(out),)+
                    Self::Unknown(cause) => cause.write(out),
                }
            }

            /// Its code.
            pub fn code(&self) -> u16 {
                match self {
                    $(Self::$name(_) => $name::CODE,)+
                    Self::Unknown(cause) => cause.code,
                }
            }
        }
    };
}

causes!(
    InvalidStream,
    MissingParameter<'a>,
    StaleCookie,
    OutOfResource,
    UnresolvableAddress<'a>,
    UnrecognizedChunk<'a>,
    InvalidMandatoryParameter,
    UnrecognizedParameters<'a>,
    NoUserData,
    CookieWhileShuttingDown,
    RestartWithNewAddresses<'a>,
    UserAbort<'a>,
    ProtocolViolation<'a>,
);

/// Error causes one after the other, all well formed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Causes<'a>(&'a [u8]);

impl<'a> Causes<'a> {
    /// Reads each of them once.
    ///
    /// # Errors
    ///
    /// One of them is malformed.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        for tlv in Tlvs::new(bytes) {
            Cause::parse(tlv?)?;
        }
        Ok(Self(bytes))
    }

    /// The causes in their order.
    pub fn iter(self) -> impl Iterator<Item = Cause<'a>> {
        Tlvs::new(self.0).map_while(|tlv| Cause::parse(tlv.ok()?).ok())
    }

    /// All of them on the wire.
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }
}
