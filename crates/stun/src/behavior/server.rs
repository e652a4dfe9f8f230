//! The server's side of RFC 5780: four addresses, and who asks says from which one to be answered.

use core::net::SocketAddr;

use sansio::Path;

use crate::attribute::{
    ChangeRequest, MappedAddress, OtherAddress, ResponseOrigin, XorMappedAddress,
};
use crate::server::{Discard, binding_request};
use crate::{AttributeType, MessageBuilder};

/// What is known of credentials is read over, as [`server`](crate::server) does.
const UNDERSTOOD: [AttributeType; 7] = [
    AttributeType::CHANGE_REQUEST,
    AttributeType::USERNAME,
    AttributeType::REALM,
    AttributeType::NONCE,
    AttributeType::MESSAGE_INTEGRITY_SHA256,
    AttributeType::PASSWORD_ALGORITHM,
    AttributeType::USERHASH,
];

/// A binding server with two addresses and two ports: it listens on, and answers from, all four
/// combinations.
///
/// It keeps nothing between two requests and sends at most one response of at most 124 bytes, to
/// where the request came from only: RESPONSE-PORT, which lets others be hit, is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Server {
    /// The address that clients ask first.
    pub primary: SocketAddr,
    /// The other IP address with the other port.
    pub other: SocketAddr,
}

impl Server {
    /// Whether this is one of the four addresses.
    pub fn serves(&self, local: SocketAddr) -> bool {
        let both = [self.primary, self.other];
        both.map(|address| address.ip()).contains(&local.ip())
            && both.map(|address| address.port()).contains(&local.port())
    }

    /// Appends the response to the datagram that came on `path`, seen from here, and returns the
    /// path on which it is to be sent. As [`server::answer`](crate::server::answer) otherwise.
    ///
    /// # Errors
    ///
    /// There is nothing to answer, and `out` is as it was.
    pub fn answer(&self, path: Path, datagram: &[u8], out: &mut Vec<u8>) -> Result<Path, Discard> {
        let request = binding_request(datagram)?;
        if request.unknown_attributes(&UNDERSTOOD).next().is_some() {
            let response = MessageBuilder::unknown_attributes(out, &request, &UNDERSTOOD);
            if request.has_fingerprint() {
                response.fingerprint();
            }
            return Ok(path);
        }
        let change = request.get::<ChangeRequest>().ok().flatten().unwrap_or_default();
        let other = self.across(path.local, ChangeRequest { ip: true, port: true });
        let origin = self.across(path.local, change);
        let response = MessageBuilder::success(out, &request)
            .attribute(&XorMappedAddress(path.remote))
            .attribute(&MappedAddress(path.remote))
            .attribute(&ResponseOrigin(origin))
            .attribute(&OtherAddress(other));
        if request.has_fingerprint() {
            response.fingerprint();
        }
        Ok(Path { local: origin, ..path })
    }

    /// The address of ours that differs from `local` in what is to change.
    fn across(&self, local: SocketAddr, change: ChangeRequest) -> SocketAddr {
        let flip = |at_primary: bool, change: bool| {
            if at_primary != change { &self.primary } else { &self.other }
        };
        SocketAddr::new(
            flip(local.ip() == self.primary.ip(), change.ip).ip(),
            flip(local.port() == self.primary.port(), change.port).port(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::UnknownAttributes;
    use crate::{Class, Message, Method, TransactionId};

    fn server() -> Server {
        Server {
            primary: "192.0.2.1:3478".parse().unwrap(),
            other: "192.0.2.2:3479".parse().unwrap(),
        }
    }

    fn path(local: &str) -> Path {
        Path::udp(local.parse().unwrap(), "203.0.113.9:5000".parse().unwrap())
    }

    #[test]
    fn answers_from_where_it_is_asked_to() {
        let no = ChangeRequest::default();
        let (ip, port) = (ChangeRequest { ip: true, ..no }, ChangeRequest { port: true, ..no });
        let both = ChangeRequest { ip: true, port: true };
        let table = [
            ("192.0.2.1:3478", no, "192.0.2.1:3478", "192.0.2.2:3479"),
            ("192.0.2.1:3478", ip, "192.0.2.2:3478", "192.0.2.2:3479"),
            ("192.0.2.1:3478", port, "192.0.2.1:3479", "192.0.2.2:3479"),
            ("192.0.2.1:3478", both, "192.0.2.2:3479", "192.0.2.2:3479"),
            ("192.0.2.2:3478", both, "192.0.2.1:3479", "192.0.2.1:3479"),
            ("192.0.2.2:3479", both, "192.0.2.1:3478", "192.0.2.1:3478"),
        ];
        for (local, change, from, other) in table {
            let (mut request, mut out) = (Vec::new(), Vec::new());
            MessageBuilder::request(&mut request, Method::BINDING, [7; 12].into())
                .attribute(&change)
                .fingerprint();
            assert_eq!(server().answer(path(local), &request, &mut out), Ok(path(from)));
            let response = Message::parse(&out).unwrap();
            assert_eq!(response.transaction_id(), TransactionId::from([7; 12]));
            assert_eq!(response.get(), Ok(Some(XorMappedAddress(path(local).remote))));
            assert_eq!(response.get(), Ok(Some(ResponseOrigin(from.parse().unwrap()))));
            assert_eq!(response.get(), Ok(Some(OtherAddress(other.parse().unwrap()))));
            assert_eq!(response.check_fingerprint(), Ok(()));
        }
    }

    #[test]
    fn serves_four_addresses() {
        for local in ["192.0.2.1:3478", "192.0.2.1:3479", "192.0.2.2:3478", "192.0.2.2:3479"] {
            assert!(server().serves(local.parse().unwrap()), "{local}");
        }
        for local in ["192.0.2.3:3478", "192.0.2.1:3480"] {
            assert!(!server().serves(local.parse().unwrap()), "{local}");
        }
    }

    #[test]
    fn sends_nothing_to_somebody_elses_port() {
        let (mut request, mut out) = (Vec::new(), Vec::new());
        MessageBuilder::request(&mut request, Method::BINDING, [7; 12].into())
            .attribute(&crate::attribute::ResponsePort(53));
        let here = path("192.0.2.1:3478");
        assert_eq!(server().answer(here, &request, &mut out), Ok(here));
        let unknown: UnknownAttributes = Message::parse(&out).unwrap().get().unwrap().unwrap();
        assert!(unknown.types().eq([AttributeType::RESPONSE_PORT]));
    }

    #[test]
    fn leaves_everything_else_unanswered() {
        let (mut indication, mut out) = (Vec::new(), Vec::new());
        MessageBuilder::indication(&mut indication, Method::BINDING, [7; 12].into());
        let here = path("192.0.2.1:3478");
        assert!(matches!(
            server().answer(here, &indication, &mut out),
            Err(Discard::Unexpected { class: Class::Indication, .. })
        ));
        assert!(matches!(server().answer(here, &[0], &mut out), Err(Discard::Malformed(_))));
        assert!(out.is_empty());
    }
}
