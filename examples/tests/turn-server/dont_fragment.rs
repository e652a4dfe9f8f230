//! What is too large for an interface is fragmented, or the client that did not want that is told:
//! in a network of the test's own, whose loopback has 1500 bytes.

use std::{
    env,
    net::{SocketAddr, UdpSocket},
    process::Command,
    time::Duration,
};

use turn::{
    attribute::Icmp,
    client::{Config, Event},
};

use crate::support::{Caller, Server};

/// Set for the one that runs inside.
const INSIDE: &str = "PATCHCORD_TEST_NETWORK";

#[test]
fn what_is_too_large_is_fragmented_unless_the_client_says_otherwise() {
    if env::var_os(INSIDE).is_some() {
        return exchange();
    }
    let possible = Command::new("unshare").args(["-rn", "ip", "link", "set", "lo", "up"]).status();
    if !possible.is_ok_and(|status| status.success()) {
        // Here a user may have no network of his own, or there is no iproute2.
        return;
    }
    let name = "dont_fragment::what_is_too_large_is_fragmented_unless_the_client_says_otherwise";
    let script = "ip link set lo up mtu 1500 && exec \"$0\" \"$@\"";
    let status = Command::new("unshare")
        .args(["-rn", "sh", "-c", script])
        .arg(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1")
        .status()
        .unwrap();
    assert!(status.success(), "{status}");
}

fn exchange() {
    let server = Server::start();
    let peer = UdpSocket::bind("127.0.0.1:0").unwrap();
    peer.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let address = peer.local_addr().unwrap();
    let mut caller = Caller::new(&server, Config { dont_fragment: true, ..Config::default() });
    caller.permit(address);
    let large = [7; 3000];
    for _ in 0..2 {
        // Neighbours in one batch, as a rule.
        for _ in 0..3 {
            caller.say(caller.client.way(address).unwrap(), &large);
        }
        for _ in 0..3 {
            assert_eq!(heard(&peer), 3000);
        }
        caller.say(caller.client.whole_way(address).unwrap(), &large);
        assert_eq!(told(&mut caller), (address, Icmp { kind: 3, code: 4, data: 1500 }));
        caller.say(caller.client.whole_way(address).unwrap(), &large[..1400]);
        assert_eq!(heard(&peer), 1400);
    }
}

fn heard(peer: &UdpSocket) -> usize {
    peer.recv_from(&mut [0; 4096]).unwrap().0
}

fn told(caller: &mut Caller) -> (SocketAddr, Icmp) {
    loop {
        if let Some(Event::Icmp { peer, error }) = caller.turn() {
            return (peer, error);
        }
    }
}
