//! What others say of their names, and for how long it is believed, RFC 6762 §10.

use core::net::IpAddr;
use core::time::Duration;

use sansio::Instant;

use super::mdns::{Event, Mdns};
use crate::Name;
use crate::message::{Message, Record};

/// Nothing is believed for longer, whatever its time to live: addresses of a host, RFC 6762 §10.
const LONGEST: Duration = Duration::from_secs(120);

/// What is known of a name, one address a family.
#[derive(Debug)]
pub(super) struct Heard {
    v6: Option<(IpAddr, Instant)>,
    v4: Option<(IpAddr, Instant)>,
}

impl Heard {
    pub(super) fn addresses(&self, now: Instant) -> Vec<IpAddr> {
        let fresh = [self.v6, self.v4].into_iter().flatten().filter(|(_, until)| *until > now);
        fresh.map(|(address, _)| address).collect()
    }

    /// When all of it is forgotten.
    fn expiry(&self) -> Option<Instant> {
        [self.v6, self.v4].into_iter().flatten().map(|(_, until)| until).max()
    }
}

impl Mdns {
    /// Takes a response. True: it is about names of our kind.
    ///
    /// A name with several addresses of a family counts with the first: there should be one
    /// (draft-ietf-mmusic-mdns-ice-candidates §3.1.1). Some stacks have one name for both families.
    pub(super) fn hear(&mut self, now: Instant, message: &Message) -> bool {
        for record in &message.records {
            self.learn(now, record);
        }
        for record in &message.records {
            if self.inquiries.contains_key(&record.name)
                && let Some(addresses) = self.known(now, record.name)
            {
                self.inquiries.remove(&record.name);
                self.events.push_back(Event::Resolved(record.name, addresses));
            }
        }
        !message.records.is_empty()
    }

    /// The addresses of a name: one of ours, or one that was heard of.
    pub(super) fn known(&self, now: Instant, name: Name) -> Option<Vec<IpAddr>> {
        if let Some(offer) = self.offers.get(&name) {
            return Some(vec![offer.address]);
        }
        self.heard.get(&name).map(|heard| heard.addresses(now)).filter(|known| !known.is_empty())
    }

    fn learn(&mut self, now: Instant, record: &Record) {
        let Record { name, address, ttl } = *record;
        if self.offers.contains_key(&name) {
            return;
        }
        let until = now + Duration::from_secs(ttl.into()).min(LONGEST);
        if !self.heard.contains_key(&name) {
            if ttl == 0 {
                return;
            }
            self.make_room(now);
        }
        let heard = self.heard.entry(name).or_insert(Heard { v6: None, v4: None });
        let place = if address.is_ipv4() { &mut heard.v4 } else { &mut heard.v6 };
        match place {
            // RFC 6762 §10.1: a farewell.
            Some((known, _)) if *known == address && ttl == 0 => *place = None,
            Some((known, known_until)) if *known == address => *known_until = until,
            Some((_, known_until)) if *known_until > now => {}
            _ => *place = Some((address, until)),
        }
        if heard.expiry().is_none() {
            self.heard.remove(&name);
        }
    }

    /// Forgets what has expired, and if that is not enough what expires first.
    fn make_room(&mut self, now: Instant) {
        if self.heard.len() < self.config.max_cached {
            return;
        }
        self.heard.retain(|_, heard| heard.expiry().is_some_and(|until| until > now));
        if self.heard.len() >= self.config.max_cached
            && let Some(name) =
                self.heard.iter().min_by_key(|(_, h)| h.expiry()).map(|(name, _)| *name)
        {
            self.heard.remove(&name);
        }
    }
}
