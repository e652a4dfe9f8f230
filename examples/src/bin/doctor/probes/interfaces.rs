//! This machine's addresses, and how far each of them reaches.

use std::net::IpAddr;

use anyhow::Context;

use crate::report::{Address, Interface, Scope};

/// The interfaces that are up, loopback aside, in the system's order.
pub(crate) fn look() -> anyhow::Result<Vec<Interface>> {
    let listed = if_addrs::get_if_addrs().context("listing the addresses of this machine")?;
    let mut found: Vec<Interface> = Vec::new();
    for one in listed.iter().filter(|one| !one.is_loopback() && one.is_oper_up()) {
        let address = Address { ip: one.ip(), scope: Scope::of(one.ip()) };
        match found.iter_mut().find(|interface| interface.name == one.name) {
            Some(interface) => interface.addresses.push(address),
            None => found.push(Interface {
                name: one.name.clone(),
                mtu: mtu(&one.name),
                addresses: vec![address],
            }),
        }
    }
    Ok(found)
}

/// Linux tells it in a file; elsewhere it stays unknown.
fn mtu(name: &str) -> Option<u32> {
    let text = std::fs::read_to_string(format!("/sys/class/net/{name}/mtu")).ok()?;
    text.trim().parse().ok()
}

impl Scope {
    pub(crate) fn of(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(v4) => {
                let [a, b, ..] = v4.octets();
                if v4.is_loopback() {
                    Self::Loopback
                } else if v4.is_link_local() {
                    Self::LinkLocal
                } else if v4.is_private() {
                    Self::Private
                } else if a == 100 && b & 0xc0 == 64 {
                    Self::CarrierGrade
                } else {
                    Self::Public
                }
            }
            IpAddr::V6(v6) => {
                if v6.is_loopback() {
                    Self::Loopback
                } else if v6.is_unicast_link_local() {
                    Self::LinkLocal
                } else if v6.is_unique_local() {
                    Self::Private
                } else {
                    Self::Public
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_reach_as_far_as_the_registries_say() {
        let table = [
            ("127.0.0.1", Scope::Loopback),
            ("169.254.1.1", Scope::LinkLocal),
            ("10.0.0.1", Scope::Private),
            ("172.31.255.255", Scope::Private),
            ("172.32.0.0", Scope::Public),
            ("100.64.0.1", Scope::CarrierGrade),
            ("100.127.255.255", Scope::CarrierGrade),
            ("100.128.0.0", Scope::Public),
            ("192.0.2.1", Scope::Public),
            ("::1", Scope::Loopback),
            ("fe80::1", Scope::LinkLocal),
            ("fd00::1", Scope::Private),
            ("2001:db8::1", Scope::Public),
        ];
        for (ip, expected) in table {
            assert_eq!(Scope::of(ip.parse().unwrap()), expected, "{ip}");
        }
    }
}
