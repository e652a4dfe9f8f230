//! What is too large for an interface is fragmented, or the client that did not want that is told:
//! in a network of the test's own, whose loopback takes 1300 bytes.

use std::{
    env,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    process::Command,
    time::Duration,
};

use sansio::Transport;
use turn::{
    attribute::Icmp,
    client::{Config, Event, Families},
};

use crate::support::{Caller, Server};

/// Of the loopback inside; IPv6 wants 1280 at least.
const MTU: u32 = 1300;

/// Set for the one that runs inside.
const INSIDE: &str = "PATCHCORD_TEST_NETWORK";

#[test]
fn what_is_too_large_is_fragmented_unless_the_client_says_otherwise() {
    if env::var_os(INSIDE).is_some() {
        exchange(Ipv4Addr::LOCALHOST.into(), Icmp { kind: 3, code: 4, data: MTU });
        // Not every machine has IPv6.
        if UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_ok() {
            exchange(Ipv6Addr::LOCALHOST.into(), Icmp { kind: 2, code: 0, data: MTU });
        }
        return;
    }
    let possible = Command::new("unshare").args(["-rn", "ip", "link", "set", "lo", "up"]).status();
    if !possible.is_ok_and(|status| status.success()) {
        // Here a user may have no network of his own, or there is no iproute2.
        return;
    }
    let name = "dont_fragment::what_is_too_large_is_fragmented_unless_the_client_says_otherwise";
    let script = format!("ip link set lo up mtu {MTU} && exec \"$0\" \"$@\"");
    let status = Command::new("unshare")
        .args(["-rn", "sh", "-c", &script])
        .arg(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1")
        .status()
        .unwrap();
    assert!(status.success(), "{status}");
}

fn exchange(ip: IpAddr, too_large: Icmp) {
    let server = Server::at(ip);
    let peer = UdpSocket::bind((ip, 0)).unwrap();
    peer.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let address = peer.local_addr().unwrap();
    let families = if ip.is_ipv4() { Families::Ipv4 } else { Families::Ipv6 };
    let config = Config { dont_fragment: true, families, ..Config::default() };
    let mut caller = server.caller(Transport::Udp, config);
    caller.permit(address);
    let large = [7; 3000];
    for _ in 0..2 {
        // Neighbours, as a rule: those of 1400 bytes in one segmented send, which fails, as the system
        // does not fragment segments, and then each alone.
        for length in [3000, 1400] {
            for _ in 0..3 {
                caller.say(address, &large[..length]);
            }
            for _ in 0..3 {
                assert_eq!(heard(&peer), length);
            }
        }
        caller.say_this_way(caller.client.whole_way(address).unwrap(), &large);
        assert_eq!(told(&mut caller), (address, too_large));
        caller.say_this_way(caller.client.whole_way(address).unwrap(), &large[..1200]);
        assert_eq!(heard(&peer), 1200);
    }
}

fn heard(peer: &UdpSocket) -> usize {
    peer.recv_from(&mut [0; 4096]).unwrap().0
}

fn told(caller: &mut Caller) -> (SocketAddr, Icmp) {
    caller.event(|event| match event {
        Event::Icmp { peer, error } => Some((*peer, *error)),
        _ => None,
    })
}
