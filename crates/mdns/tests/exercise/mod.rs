//! Two machines on two links under a program of any bytes: commands, time, what one says handed to
//! the other whole or damaged, and garbage. Shared with the fuzz target `mdns`.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;
use std::collections::VecDeque;

use mdns::{Config, Event, Mdns, Name, group};
use sansio::{Datagram, Instant, Machine, Path};
use testkit::SeededRng;

const CONFIG: Config = Config {
    unicast_first: true,
    max_questions: 4,
    max_offers: 3,
    max_cached: 4,
    max_answers: 4,
    max_unicast_answers: 8,
};

struct Run<'a> {
    program: &'a [u8],
    now: Instant,
    sides: [Mdns; 2],
    /// Names that exist, and one that does not.
    names: Vec<Name>,
    /// What was said lately.
    said: VecDeque<(Path, Vec<u8>)>,
    rng: SeededRng,
}

pub(crate) fn exercise(program: &[u8]) {
    let mut rng = SeededRng::new(3);
    let mut run = Run {
        program,
        now: Instant::ZERO,
        sides: [Mdns::new(CONFIG), Mdns::new(CONFIG)],
        names: vec![Name::random(&mut rng)],
        said: VecDeque::new(),
        rng,
    };
    while !run.program.is_empty() {
        run.step();
        run.check();
    }
}

impl Run<'_> {
    /// The next byte of the program, less than `limit`.
    fn next(&mut self, limit: u8) -> u8 {
        let Some((first, rest)) = self.program.split_first() else { return 0 };
        self.program = rest;
        first % limit
    }

    fn step(&mut self) {
        let now = self.now;
        let which = usize::from(self.next(2));
        match self.next(12) {
            0 => {
                let count = usize::from(self.next(3));
                self.sides[which].set_links(now, &links(which)[..count]);
            }
            1 => {
                let address = ip(self.next(4));
                let name = Name::random(&mut self.rng);
                if self.sides[which].offer(now, name, address).is_ok() {
                    self.names.push(name);
                }
            }
            2 => {
                let name = self.name();
                self.sides[which].withdraw(name);
            }
            3 | 4 => {
                let name = self.name();
                _ = self.sides[which].resolve(now, name);
            }
            5 => self.now = now + Duration::from_millis(self.next(255).into()),
            6 => self.now = now + Duration::from_millis(100 * u64::from(self.next(255))),
            7..=9 => self.repeat(which),
            10 => {
                let length = usize::from(self.next(128)).min(self.program.len());
                let (bytes, rest) = self.program.split_at(length);
                self.program = rest;
                let path = Path::udp(links(which)[0], links(1 - which)[0]);
                self.hand(which, path, &mut bytes.to_vec());
            }
            _ => self.sides[which].handle_timeout(now),
        }
    }

    fn name(&mut self) -> Name {
        let place = usize::from(self.next(8)) % self.names.len();
        self.names[place]
    }

    /// Hands over something that was said, whole, cut, or with other bytes.
    fn repeat(&mut self, which: usize) {
        let place = usize::from(self.next(16));
        let Some((path, mut bytes)) = self.said.get(place).cloned() else { return };
        match self.next(4) {
            0 => bytes.truncate(usize::from(self.next(255))),
            1 => {
                let (place, value) = (usize::from(self.next(255)), self.next(255));
                if let Some(byte) = bytes.get_mut(place) {
                    *byte = value;
                }
            }
            _ => {}
        }
        let port = if self.next(4) == 0 { 40_000 } else { path.local.port() };
        let link = links(which)[usize::from(path.local.is_ipv6())];
        let from = SocketAddr::new(path.local.ip(), port);
        self.hand(which, Path::udp(link, from), &mut bytes);
    }

    fn hand(&mut self, which: usize, path: Path, bytes: &mut [u8]) {
        _ = self.sides[which].handle_input(self.now, Datagram::new(path, self.now, bytes));
    }

    /// Drains both machines, and asserts their promises.
    fn check(&mut self) {
        let now = self.now;
        for side in &mut self.sides {
            if side.poll_timeout().is_some_and(|timeout| timeout <= now) {
                side.handle_timeout(now);
            }
            let (mut buf, mut count) = (Vec::new(), 0);
            while let Some(transmit) = side.poll_transmit(now, &mut buf) {
                assert_eq!(transmit.len, buf.len());
                assert!(buf.len() < 1000, "a link may carry no more whole");
                assert!(side.links().contains(&transmit.path.local));
                let Path { local, remote, .. } = transmit.path;
                assert!(remote == group(local) || !remote.ip().is_multicast());
                self.said.push_front((transmit.path, core::mem::take(&mut buf)));
                count += 1;
                // For each link: names told by multicast, farewells, questions; and by unicast.
                let most = 2 * (2 * CONFIG.max_offers + 2) + CONFIG.max_answers;
                assert!(count <= most, "a flood");
            }
            self.said.truncate(16);
            while let Some(Event::Resolved(_, addresses)) = side.poll_event() {
                assert!(addresses.len() <= 2);
            }
            assert!(side.poll_timeout().is_none_or(|timeout| timeout > now), "a shell would spin");
        }
    }
}

/// The links of a side: one a family.
fn links(which: usize) -> [SocketAddr; 2] {
    let n = 1 + which as u8;
    let v6 = format!("[fe80::{n}%2]:5353").parse();
    [SocketAddr::from(([192, 0, 2, n], 5353)), v6.unwrap()]
}

fn ip(n: u8) -> IpAddr {
    match n {
        0..2 => IpAddr::from([192, 0, 2, n + 1]),
        _ => IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(n)]),
    }
}
