//! Firewalls: what goes out, and what may answer.

use patchcord_testkit::internet::{Firewall, Place, Ports, StreamNews, StreamRequest};
use sansio::{Instant, Path, Transport};

use crate::talker::{Net, Talker, at, ms, say};

fn scene(firewall: Firewall) -> (Net, Place, Place) {
    let mut net = Net::new(1);
    let office = net.firewall(Place::CORE, ms(10), firewall);
    let inside = net.host(office, ms(1), &["198.51.100.7"], Talker::default());
    let server = |port| Talker { port: Some(port), ..Talker::default() };
    let outside = net.host(Place::CORE, ms(10), &["192.0.2.1"], server(443));
    (net, inside, outside)
}

/// What becomes of a connection, and when.
fn connect(net: &mut Net, from: Place, local: &str, to: &str) -> Option<(Instant, StreamNews)> {
    let path = Path { local: at(local), remote: at(to), transport: Transport::Tcp };
    net[from].requests.push_back(StreamRequest::Connect(path));
    net.run_for(ms(30_000));
    net[from].news.pop().map(|(time, _, news)| (time, news))
}

#[test]
fn answers_come_in_and_nothing_else() {
    let (mut net, inside, outside) = scene(Firewall::stateful());
    let (here, there) = ("198.51.100.7:5000", "192.0.2.1:1000");
    assert_eq!(say(&mut net, outside, there, inside, at(here)), None);
    assert_eq!(say(&mut net, inside, here, outside, at(there)), Some(at(here)));
    assert_eq!(say(&mut net, outside, there, inside, at(here)), Some(at(there)));
    assert_eq!(say(&mut net, outside, "192.0.2.1:1001", inside, at(here)), None);
    net.run_for(ms(120_000));
    assert_eq!(say(&mut net, outside, there, inside, at(here)), None, "forgotten");
}

#[test]
fn what_is_blocked_vanishes() {
    let mut quaint = Firewall::tcp_443_only();
    quaint.udp = Ports::Only(vec![1000]);
    for (firewall, udp, tcp) in [
        (Firewall::udp_blocked(), false, [true, true]),
        (Firewall::tcp_443_only(), false, [true, false]),
        (quaint, true, [true, false]),
    ] {
        let (mut net, inside, outside) = scene(firewall);
        let sent = say(&mut net, inside, "198.51.100.7:5000", outside, at("192.0.2.1:1000"));
        assert_eq!(sent.is_some(), udp);
        let start = net.now;
        let stream = connect(&mut net, inside, "198.51.100.7:5000", "192.0.2.1:443");
        assert_eq!(stream, tcp[0].then_some((start + ms(42), StreamNews::Connected)));
        // Nobody listens there: refused after a round trip where the question gets through.
        let start = net.now;
        let refused = connect(&mut net, inside, "198.51.100.7:5001", "192.0.2.1:3478");
        let time = if tcp[1] { ms(42) } else { ms(20_000) };
        assert_eq!(refused, Some((start + time, StreamNews::Closed)));
    }
}
