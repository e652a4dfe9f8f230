//! Where servers see us, and what can be said about a NAT when they have nothing but that to tell.

use std::net::SocketAddr;

use stun::behavior::Dependence;

use crate::{
    binding::Answer,
    report::{Mapping, Method},
};

/// What answers to questions from one socket amount to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Comparison {
    pub(crate) nat: Option<bool>,
    pub(crate) mapping: Option<Mapping>,
    pub(crate) method: Option<Method>,
}

/// Compares what servers have answered to a socket that is bound to `local`.
pub(crate) fn compare(local: SocketAddr, answers: &[(SocketAddr, Option<Answer>)]) -> Comparison {
    let seen = answers.iter().filter_map(|(server, answer)| Some((server, (*answer)?.mapped?)));
    let seen: Vec<(&SocketAddr, SocketAddr)> = seen.collect();
    let Some(&(first, mapped)) = seen.first() else { return Comparison::default() };
    if seen.iter().all(|(_, mapped)| *mapped == local) {
        let mapping = Some(Mapping::EndpointIndependent);
        return Comparison { nat: Some(false), mapping, method: Some(Method::NoTranslation) };
    }
    let nat = Some(true);
    if seen.iter().any(|(_, other)| *other != mapped) {
        let mapping = Some(Mapping::EndpointDependent);
        return Comparison { nat, mapping, method: Some(Method::SeveralServers) };
    }
    // Two ports of one server are not two servers.
    if seen.iter().any(|(server, _)| server.ip() != first.ip()) {
        let mapping = Some(Mapping::EndpointIndependent);
        return Comparison { nat, mapping, method: Some(Method::SeveralServers) };
    }
    Comparison { nat, ..Comparison::default() }
}

impl Comparison {
    /// With what a server of RFC 5780 says, which knows more, unless others have seen that it
    /// cannot be so: it has only two addresses.
    pub(crate) fn refined(&self, told: Option<Dependence>) -> (Option<Mapping>, Option<Method>) {
        match (self.nat, self.mapping, told.map(Mapping::from)) {
            (_, mapping, None) | (Some(false), mapping, _) => (mapping, self.method),
            (_, Some(Mapping::EndpointDependent), Some(Mapping::EndpointIndependent)) => {
                (self.mapping, self.method)
            }
            (_, _, told) => (told, Some(Method::Rfc5780)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(seen: &[(&str, Option<&str>)]) -> Comparison {
        let answer = |mapped: &str| Answer {
            mapped: Some(mapped.parse().unwrap()),
            other: None,
            round_trip: None,
        };
        let answers =
            seen.iter().map(|(server, mapped)| (server.parse().unwrap(), mapped.map(answer)));
        let answers: Vec<_> = answers.collect();
        compare("10.0.0.2:5000".parse().unwrap(), &answers)
    }

    #[test]
    fn answers_are_compared() {
        let (a, b, same) = ("192.0.2.1:3478", "192.0.2.2:3478", "192.0.2.1:9");
        let (x, y) = (Some("203.0.113.1:7000"), Some("203.0.113.1:7001"));
        let none = Comparison::default();
        let behind = Comparison { nat: Some(true), ..none };
        let several = |mapping| Comparison {
            nat: Some(true),
            mapping: Some(mapping),
            method: Some(Method::SeveralServers),
        };
        let open = Comparison {
            nat: Some(false),
            mapping: Some(Mapping::EndpointIndependent),
            method: Some(Method::NoTranslation),
        };
        let table: [(&[_], Comparison); 8] = [
            (&[], none),
            (&[(a, None), (b, None)], none),
            (&[(a, x)], behind),
            (&[(a, x), (b, None)], behind),
            (&[(a, x), (same, x)], behind),
            (&[(a, x), (b, x)], several(Mapping::EndpointIndependent)),
            (&[(a, x), (b, y)], several(Mapping::EndpointDependent)),
            (&[(a, Some("10.0.0.2:5000"))], open),
        ];
        for (seen, expected) in table {
            assert_eq!(compared(seen), expected, "{seen:?}");
        }
    }

    #[test]
    fn a_server_with_two_addresses_is_believed_unless_others_know_better() {
        let seen = |nat, mapping, method| Comparison { nat: Some(nat), mapping, method };
        let (one, many) = (Some(Mapping::EndpointIndependent), Some(Mapping::EndpointDependent));
        let (several, none, rfc) =
            (Some(Method::SeveralServers), Some(Method::NoTranslation), Some(Method::Rfc5780));
        let strict = Some(Mapping::AddressAndPortDependent);
        let table = [
            (seen(true, None, None), None, (None, None)),
            (seen(true, None, None), Some(Dependence::EndpointIndependent), (one, rfc)),
            (seen(true, one, several), Some(Dependence::AddressAndPortDependent), (strict, rfc)),
            (seen(true, many, several), Some(Dependence::AddressAndPortDependent), (strict, rfc)),
            (seen(true, many, several), Some(Dependence::EndpointIndependent), (many, several)),
            (seen(false, one, none), Some(Dependence::EndpointIndependent), (one, none)),
        ];
        for (seen, told, expected) in table {
            assert_eq!(seen.refined(told), expected, "{seen:?} {told:?}");
        }
    }
}
