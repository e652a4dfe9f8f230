//! How packets get from place to place: wires, routers, and the ends of streams.

use core::net::IpAddr;
use core::time::Duration;

use sansio::{Datagram, Ecn, Instant, Machine, Path, Transport};

use super::net::Internet;
use super::node::{Place, Role, Way};
use super::packet::{Header, Load};
use super::router::{Passage, Router};
use super::stream::Step;
use super::{Host, StreamRequest};
use crate::{Direction, Dropped};

/// When a segment that a wire has lost is sent over it again: as a sender would, somewhat later.
const RETRANSMISSION: Duration = Duration::from_millis(200);

/// A segment that a wire has lost.
#[derive(Debug)]
pub(super) struct Retry {
    pub(super) at: Instant,
    place: Place,
    way: Way,
    header: Header,
    data: Vec<u8>,
}

impl<H: Host> Internet<H> {
    /// Takes all that a host has to send.
    pub(super) fn flush(&mut self, place: Place) {
        let Role::Host(_) = self.nodes[place.0].role else { return };
        loop {
            let now = self.now;
            let mut buf = core::mem::take(&mut self.buf);
            buf.clear();
            let host = self.station(place).resident.host();
            let transmit = host.poll_transmit(now, &mut buf);
            // What is to be sent is sent before a stream is closed.
            let request = if transmit.is_none() { host.poll_stream() } else { None };
            let idle = request.is_none() && transmit.is_none();
            if let Some(transmit) = transmit {
                assert_eq!(buf.len(), transmit.len, "{place:?}: Transmit::len is wrong");
                self.send(place, transmit.path, transmit.ecn, &mut buf);
            }
            self.buf = buf;
            if let Some(request) = request {
                self.serve(place, request);
            }
            if idle {
                return;
            }
        }
    }

    /// Hands over everything that is due to arrive.
    pub(super) fn carry(&mut self) {
        let now = self.now;
        let due: Vec<_> = self.retries.extract_if(.., |retry| retry.at <= now).collect();
        for mut retry in due {
            self.launch(retry.place, retry.way, retry.header, Ecn::NotEct, &mut retry.data);
        }
        while let Some((place, way)) = self.next_arrival() {
            let mut data = Vec::new();
            let arrived = self.nodes[place.0].link(way).poll_transmit(now, &mut data);
            let Some(arrived) = arrived else { return };
            match way {
                Way::Up => {
                    let parent = self.nodes[place.0].parent;
                    self.climb(parent, arrived.path, arrived.ecn, &mut data);
                }
                Way::Down => self.descend(place, arrived.path, arrived.ecn, &mut data),
            }
        }
    }

    /// Calls the timers that are due.
    pub(super) fn call_timers(&mut self) {
        let now = self.now;
        for place in (0..self.nodes.len()).map(Place) {
            let Role::Host(station) = &mut self.nodes[place.0].role else { continue };
            let mut steps = Vec::new();
            station.streams.handle_timeout(now, &mut steps);
            let is_due = station.resident.poll_timeout().is_some_and(|at| at <= now);
            if is_due {
                station.resident.host().handle_timeout(now);
            }
            self.perform(place, steps);
            if is_due {
                self.flush(place);
                let timeout = self.station(place).resident.poll_timeout();
                assert!(
                    timeout.is_none_or(|timeout| timeout > now),
                    "{place:?}: handle_timeout at {now} and a full drain left poll_timeout at \
                     {timeout:?}, which is not in the future: a shell would spin",
                );
            }
        }
    }

    /// The wire on which something arrives next, of those on which it is due.
    fn next_arrival(&self) -> Option<(Place, Way)> {
        let wires = self.nodes.iter().enumerate().flat_map(|(index, node)| {
            let [up, down] = [node.up.poll_timeout(), node.down.poll_timeout()];
            [(up, Place(index), Way::Up), (down, Place(index), Way::Down)]
        });
        let due = wires.filter_map(|(at, place, way)| Some((at?, place, way)));
        let (at, place, way) = due.min_by_key(|(at, ..)| *at)?;
        (at <= self.now).then_some((place, way))
    }

    fn serve(&mut self, place: Place, request: StreamRequest) {
        let (now, mut steps) = (self.now, Vec::new());
        let streams = &mut self.station(place).streams;
        match request {
            StreamRequest::Connect(path) => streams.connect(now, path, &mut steps),
            StreamRequest::Close(path) => streams.close(path, &mut steps),
        }
        self.perform(place, steps);
    }

    /// Does what the ends of a host's streams want done.
    fn perform(&mut self, place: Place, steps: Vec<Step>) {
        let now = self.now;
        for step in steps {
            match step {
                Step::Send(path, segment) => {
                    self.emit(place, Header::along(path, Load::Segment(segment)), &mut []);
                }
                Step::News(path, news) => {
                    self.station(place).resident.host().handle_stream(now, path, news);
                }
                Step::Data(path, mut data) => {
                    let datagram = Datagram::new(path, now, &mut data);
                    self.station(place).resident.host().handle_input(now, datagram);
                }
            }
        }
    }

    fn send(&mut self, place: Place, path: Path, ecn: Ecn, data: &mut [u8]) {
        self.trace.record(self.now, Direction::AToB, (path.local, path.remote), data);
        let wire = self.wire_of(place, path.local.ip());
        let load = match path.transport {
            _ if wire.is_none() => None,
            Transport::Udp | Transport::Dtls => Some(Load::Datagram),
            Transport::Tcp | Transport::Tls => {
                self.station(place).streams.carry(path).map(Load::Segment)
            }
        };
        match (wire, load) {
            (Some(wire), Some(load)) => {
                self.launch(wire, Way::Up, Header::along(path, load), ecn, data);
            }
            _ => self.trace.dropped(Dropped::NoRoute),
        }
    }

    fn emit(&mut self, place: Place, header: Header, data: &mut [u8]) {
        if let Some(wire) = self.wire_of(place, header.source.ip()) {
            self.launch(wire, Way::Up, header, Ecn::NotEct, data);
        }
    }

    /// The wire of a host that has this address: a host sends by the one that it sends from.
    fn wire_of(&self, host: Place, ip: IpAddr) -> Option<Place> {
        let is_of = |place: &Place| match &self.nodes[place.0].role {
            Role::Host(_) => *place == host,
            Role::Interface(interface) => interface.host == host,
            Role::Router(_) => false,
        };
        let mut wires = (0..self.nodes.len()).map(Place).filter(is_of);
        wires.find(|place| self.nodes[place.0].addresses().contains(&ip))
    }

    /// Puts a packet on a wire. What streams lose there is sent again.
    fn launch(&mut self, place: Place, way: Way, header: Header, ecn: Ecn, data: &mut [u8]) {
        let now = self.now;
        let link = self.nodes[place.0].link(way);
        let datagram = Datagram { path: header, ecn, received: now, data };
        let Load::Segment(_) = header.load else {
            if let Err(why) = link.handle_input(now, datagram) {
                self.trace.dropped(why);
            }
            return;
        };
        // TCP's checksum finds what is corrupt, and its segments are not larger than the wire.
        let config = link.config;
        (link.config.corrupt, link.config.mtu) = (0.0, None);
        let copy = datagram.data.to_vec();
        let lost = link.handle_input(now, datagram).is_err();
        link.config = config;
        if lost {
            self.retries.push(Retry { at: now + RETRANSMISSION, place, way, header, data: copy });
        }
    }

    /// A packet from inside is at the router in `place`.
    fn climb(&mut self, place: Place, header: Header, ecn: Ecn, data: &mut [u8]) {
        if let Some(inside) = self.child_with(place, header.destination.ip()) {
            self.launch(inside, Way::Down, header, ecn, data);
            return;
        }
        let passage = match &mut self.nodes[place.0].role {
            _ if place == Place::CORE => Passage::Dropped(Dropped::NoRoute),
            Role::Router(router) => router.outbound(self.now, header),
            Role::Host(_) | Role::Interface(_) => Passage::Dropped(Dropped::NoRoute),
        };
        self.follow(place, passage, header, ecn, data);
    }

    /// A packet from outside is at `place`.
    fn descend(&mut self, place: Place, header: Header, ecn: Ecn, data: &mut [u8]) {
        let now = self.now;
        let passage = match &mut self.nodes[place.0].role {
            Role::Router(router) => router.inbound(now, header),
            Role::Host(_) | Role::Interface(_) => return self.deliver(place, header, ecn, data),
        };
        self.follow(place, passage, header, ecn, data);
    }

    fn follow(&mut self, place: Place, to: Passage, was: Header, ecn: Ecn, data: &mut [u8]) {
        let why = match to {
            Passage::Up(header) => return self.launch(place, Way::Up, header, ecn, data),
            Passage::Down(header) => match self.child_with(place, header.destination.ip()) {
                Some(inside) => return self.launch(inside, Way::Down, header, ecn, data),
                None => Dropped::NoRoute,
            },
            Passage::Dropped(why) => why,
        };
        self.trace.record(self.now, Direction::AToB, (was.source, was.destination), data);
        self.trace.dropped(why);
    }

    fn deliver(&mut self, place: Place, header: Header, ecn: Ecn, data: &mut [u8]) {
        let (now, path) = (self.now, header.path());
        self.trace.record(now, Direction::BToA, (path.remote, path.local), data);
        let node = &self.nodes[place.0];
        let host = match &node.role {
            Role::Interface(interface) => interface.host,
            _ => place,
        };
        if !node.addresses().contains(&path.local.ip()) {
            self.trace.dropped(Dropped::NoRoute);
            return;
        }
        let station = self.station(host);
        match header.load {
            Load::Datagram => {
                let datagram = Datagram { path, ecn, received: now, data };
                station.resident.host().handle_input(now, datagram);
            }
            Load::Segment(segment) => {
                let listens = station.resident.host().listens(path.local, path.transport);
                let mut steps = Vec::new();
                station.streams.take(path, segment, data.to_vec(), listens, &mut steps);
                self.perform(host, steps);
            }
        }
    }

    /// Of the places attached to this one, the one by which an address is reached.
    fn child_with(&self, place: Place, ip: IpAddr) -> Option<Place> {
        let children = (1..self.nodes.len()).map(Place);
        let mut children = children.filter(|child| self.nodes[child.0].parent == place);
        children.find(|child| self.has(*child, ip))
    }

    /// Whether the world outside reaches this address at this place.
    fn has(&self, place: Place, ip: IpAddr) -> bool {
        match &self.nodes[place.0].role {
            Role::Host(_) | Role::Interface(_) => self.nodes[place.0].addresses().contains(&ip),
            Role::Router(Router::Nat(nat)) => {
                nat.outside == ip
                    || nat.is_nat64() && ip.is_ipv6() && self.child_with(place, ip).is_some()
            }
            Role::Router(Router::Plain | Router::Firewall(_)) => {
                self.child_with(place, ip).is_some()
            }
        }
    }
}
