//! How many connections there may be, and of whom. Those without an allocation are strangers: there
//! are not many of them, and where there is no room for another one, the oldest has to go.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    net::{IpAddr, Ipv6Addr},
    rc::Rc,
};

use tokio::sync::Notify;

/// Connections there may be, and of one network.
const MOST: usize = 20_000;
const MOST_OF_ONE: usize = 256;

/// Strangers among them.
const MOST_STRANGERS: usize = 4096;
const MOST_STRANGERS_OF_ONE: usize = 64;

/// Who has a connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places(Rc<RefCell<Taken>>);

#[derive(Debug, Default)]
struct Taken {
    count: usize,
    networks: HashMap<IpAddr, Network>,
    /// Oldest first.
    strangers: BTreeMap<u64, Rc<Notify>>,
    next: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Network {
    count: usize,
    strangers: usize,
}

/// One connection's place; dropped, it is free again.
#[derive(Debug)]
pub(crate) struct Place {
    places: Places,
    network: IpAddr,
    /// Its number, while it is a stranger's.
    stranger: Option<u64>,
    wanted: Rc<Notify>,
}

impl Places {
    /// A place for one more from there, if it is welcome.
    pub(crate) fn enter(&self, ip: IpAddr) -> Option<Place> {
        let taken = &mut *self.0.borrow_mut();
        let network = network(ip);
        let of_one = taken.networks.get(&network).copied().unwrap_or_default();
        if of_one.count >= MOST_OF_ONE || of_one.strangers >= MOST_STRANGERS_OF_ONE {
            return None;
        }
        if taken.count >= MOST || taken.strangers.len() >= MOST_STRANGERS {
            let (_, oldest) = taken.strangers.pop_first()?;
            oldest.notify_one();
        }
        let (number, wanted) = (taken.next, Rc::new(Notify::new()));
        taken.next += 1;
        taken.count += 1;
        taken.strangers.insert(number, wanted.clone());
        let Network { count, strangers } = of_one;
        let of_one = Network { count: count + 1, strangers: strangers + 1 };
        taken.networks.insert(network, of_one);
        Some(Place { places: self.clone(), network, stranger: Some(number), wanted })
    }
}

impl Place {
    /// It is known who this is.
    pub(crate) fn settle(&mut self) {
        let Some(number) = self.stranger.take() else { return };
        let taken = &mut *self.places.0.borrow_mut();
        taken.strangers.remove(&number);
        if let Some(network) = taken.networks.get_mut(&self.network) {
            network.strangers = network.strangers.saturating_sub(1);
        }
    }

    pub(crate) const fn is_strangers(&self) -> bool {
        self.stranger.is_some()
    }

    /// Waits until another one needs it more.
    pub(crate) async fn wanted(&self) {
        self.wanted.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.settle();
        let taken = &mut *self.places.0.borrow_mut();
        taken.count = taken.count.saturating_sub(1);
        match taken.networks.get_mut(&self.network) {
            Some(network) if network.count > 1 => network.count -= 1,
            _ => _ = taken.networks.remove(&self.network),
        }
    }
}

/// A host of IPv6 has a /64 to itself.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn settled(places: &Places, ip: IpAddr) -> Option<Place> {
        let mut place = places.enter(ip)?;
        place.settle();
        Some(place)
    }

    /// A network of its own for each number.
    fn ip(number: usize) -> IpAddr {
        Ipv4Addr::from_bits(u32::try_from(number).unwrap()).into()
    }

    fn has_to_go(place: &Place) -> bool {
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        std::pin::pin!(place.wanted()).poll(&mut cx).is_ready()
    }

    #[test]
    fn a_network_has_its_share_and_strangers_of_it_a_smaller_one() {
        let places = Places::default();
        let hosts = (0..).map(|n| Ipv6Addr::new(0x2001, 0xdb8, 0, 7, 0, 0, 0, n));
        let mut all: Vec<_> = hosts.map_while(|ip| places.enter(ip.into())).collect();
        assert_eq!(all.len(), MOST_STRANGERS_OF_ONE);
        let host = "2001:db8:0:7:abcd::1".parse().unwrap();
        all.iter_mut().for_each(Place::settle);
        all.extend(std::iter::from_fn(|| settled(&places, host)));
        assert_eq!(all.len(), MOST_OF_ONE);
        assert!(places.enter("2001:db8:0:8::1".parse().unwrap()).is_some(), "another network");
        drop(all.pop());
        assert!(places.enter(host).is_some());
        drop(all);
        assert_eq!((places.0.borrow().count, places.0.borrow().networks.len()), (0, 0));
    }

    #[test]
    fn the_oldest_stranger_makes_room() {
        let places = Places::default();
        let mut all: Vec<_> = (0..MOST_STRANGERS).map(|n| places.enter(ip(n)).unwrap()).collect();
        assert!(!has_to_go(&all[0]));
        all[0].settle();
        all.push(places.enter(ip(MOST_STRANGERS)).unwrap());
        assert!(!all.iter().any(has_to_go), "one has settled");
        let new = places.enter(ip(MOST_STRANGERS + 1)).unwrap();
        let must: Vec<_> = (0..all.len()).filter(|n| has_to_go(&all[*n])).collect();
        assert_eq!(must, [1]);
        assert!(!has_to_go(&new));
        drop(all);
        assert_eq!(places.0.borrow().strangers.len(), 1);
    }

    #[test]
    fn when_all_are_settled_nobody_makes_room() {
        let places = Places::default();
        let all: Vec<_> = (0..MOST).map(|n| settled(&places, ip(n)).unwrap()).collect();
        assert!(places.enter(ip(MOST)).is_none());
        drop(all);
        assert!(places.enter(ip(MOST)).is_some());
    }
}
