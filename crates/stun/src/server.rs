//! A binding server, RFC 8489 §12: tells whoever asks which address the question came from.
//!
//! It keeps nothing between two requests, wants no credentials, and answers a request with at most
//! one response of at most 124 bytes.

use core::net::SocketAddr;

use crate::attribute::XorMappedAddress;
use crate::{AttributeType, CheckError, Class, Message, MessageBuilder, Method, ParseError};

/// The attributes of credentials belong to the protocol, so they are read over instead of refused.
const UNDERSTOOD: [AttributeType; 6] = [
    AttributeType::USERNAME,
    AttributeType::REALM,
    AttributeType::NONCE,
    AttributeType::MESSAGE_INTEGRITY_SHA256,
    AttributeType::PASSWORD_ALGORITHM,
    AttributeType::USERHASH,
];

/// Why a datagram got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Discard {
    /// It is not a message.
    #[error(transparent)]
    Malformed(#[from] ParseError),
    /// It is a message that nobody answers, or one of another protocol than Binding.
    #[error("{method} {class:?} instead of a Binding Request")]
    Unexpected {
        /// Its class.
        class: Class,
        /// Its method.
        method: Method,
    },
    /// Its FINGERPRINT is another one's.
    #[error(transparent)]
    Fingerprint(#[from] CheckError),
}

/// Appends the response to the datagram that came from `source`: a success with
/// XOR-MAPPED-ADDRESS, or a 420 where an attribute should have been understood. The response
/// carries a FINGERPRINT when the request does.
///
/// # Errors
///
/// There is nothing to answer, and `out` is as it was.
pub fn answer(datagram: &[u8], source: SocketAddr, out: &mut Vec<u8>) -> Result<(), Discard> {
    let request = binding_request(datagram)?;
    let response = if request.unknown_attributes(&UNDERSTOOD).next().is_some() {
        MessageBuilder::unknown_attributes(out, &request, &UNDERSTOOD)
    } else {
        MessageBuilder::success(out, &request).attribute(&XorMappedAddress(source))
    };
    if request.has_fingerprint() {
        response.fingerprint();
    }
    Ok(())
}

/// A Binding request that is whole.
pub(crate) fn binding_request(datagram: &[u8]) -> Result<Message<'_>, Discard> {
    let request = Message::parse(datagram)?;
    let (class, method) = (request.class(), request.method());
    if (class, method) != (Class::Request, Method::BINDING) {
        return Err(Discard::Unexpected { class, method });
    }
    if request.has_fingerprint() {
        request.check_fingerprint()?;
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::{UnknownAttributes, Username};
    use crate::{ErrorCode, IntegrityKey, TransactionId};

    const ID: [u8; 12] = [7; 12];

    fn source() -> SocketAddr {
        "[2001:db8::1]:3478".parse().unwrap()
    }

    #[test]
    fn answers_with_the_address_of_the_source() {
        let (mut request, mut out) = (Vec::new(), vec![0xff]);
        MessageBuilder::request(&mut request, Method::BINDING, ID.into());
        answer(&request, source(), &mut out).unwrap();
        let response = Message::parse(&out[1..]).unwrap();
        assert_eq!(response.class(), Class::SuccessResponse);
        assert_eq!(response.transaction_id(), TransactionId::from(ID));
        assert_eq!(response.get(), Ok(Some(XorMappedAddress(source()))));
        assert!(!response.has_fingerprint());
    }

    #[test]
    fn answers_a_fingerprint_with_a_fingerprint_and_reads_over_credentials() {
        let (mut request, mut out) = (Vec::new(), Vec::new());
        MessageBuilder::request(&mut request, Method::BINDING, ID.into())
            .attribute(&Username::new("somebody").unwrap())
            .integrity(&IntegrityKey::short_term("something"))
            .fingerprint();
        answer(&request, source(), &mut out).unwrap();
        let response = Message::parse(&out).unwrap();
        assert_eq!(response.class(), Class::SuccessResponse);
        assert_eq!(response.check_fingerprint(), Ok(()));
    }

    #[test]
    fn refuses_what_it_should_have_understood_in_a_bounded_response() {
        let (mut request, mut out) = (Vec::new(), Vec::new());
        (0..300)
            .fold(
                MessageBuilder::request(&mut request, Method::BINDING, ID.into()),
                |builder, number| builder.raw(AttributeType(0x7000 + number), &[]),
            )
            .raw(AttributeType(0x8fff), &[])
            .fingerprint();
        answer(&request, source(), &mut out).unwrap();
        assert_eq!(out.len(), 124);
        let response = Message::parse(&out).unwrap();
        assert_eq!(response.class(), Class::ErrorResponse);
        assert_eq!(response.get(), Ok(Some(ErrorCode::UNKNOWN_ATTRIBUTE)));
        let unknown: UnknownAttributes = response.get().unwrap().unwrap();
        assert!(unknown.types().eq((0x7000..0x7020).map(AttributeType)));
        assert_eq!(response.check_fingerprint(), Ok(()));
    }

    #[test]
    fn leaves_everything_else_unanswered() {
        let build = |class, method| {
            let mut bytes = Vec::new();
            MessageBuilder::new(&mut bytes, class, method, ID.into()).fingerprint();
            bytes
        };
        let unexpected = |class, method| Discard::Unexpected { class, method };
        let mut spoiled = build(Class::Request, Method::BINDING);
        spoiled[27] ^= 1;
        let mismatch = CheckError::Mismatch(AttributeType::FINGERPRINT);
        let table = [
            (vec![], ParseError::Truncated { needed: 20, had: 0 }.into()),
            (
                build(Class::SuccessResponse, Method::BINDING),
                unexpected(Class::SuccessResponse, Method::BINDING),
            ),
            (
                build(Class::Indication, Method::BINDING),
                unexpected(Class::Indication, Method::BINDING),
            ),
            (build(Class::Request, Method::ALLOCATE), unexpected(Class::Request, Method::ALLOCATE)),
            (spoiled, Discard::Fingerprint(mismatch)),
        ];
        for (datagram, expected) in table {
            let mut out = Vec::new();
            assert_eq!(answer(&datagram, source(), &mut out), Err(expected));
            assert!(out.is_empty());
        }
    }
}
