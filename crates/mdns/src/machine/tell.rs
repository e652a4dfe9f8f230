//! Answers, announcements and farewells for names of ours, RFC 6762 §6, §8.3 and §10.1.

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use sansio::{Instant, Path};

use super::mdns::{Mdns, PORT, group};
use crate::Name;
use crate::message::{Message, Question};
use crate::writer::{TTL, Writer};

/// Between two multicasts of a record on a link, RFC 6762 §6.
const PAUSE: Duration = Duration::from_secs(1);
/// A record that was multicast within a quarter of its life may be told by unicast, RFC 6762 §5.4.
const RECENT: Duration = Duration::from_secs(TTL as u64 / 4);
/// Who has known the address for less than half its life need not be told, RFC 6762 §7.1.
const HALF: u32 = TTL / 2;
/// How often a new name is announced, RFC 6762 §8.3.
const ANNOUNCEMENTS: u8 = 2;

/// A name of ours.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) address: IpAddr,
    /// Announcements that are still to come, and when the next one is due.
    announcements: Option<(u8, Instant)>,
    /// When it was multicast last, on each link.
    told: Vec<(SocketAddr, Instant)>,
    /// Who asked too soon after that waits until then.
    due: Vec<(SocketAddr, Instant)>,
}

/// A datagram of answers that is due.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) path: Path,
    name: Name,
    address: IpAddr,
    form: Form,
}

#[derive(Debug)]
enum Form {
    /// RFC 6762 §6, with what else there is of the name: nothing.
    Address,
    /// To somebody who does not speak mDNS, with his id and his question, RFC 6762 §6.7.
    Legacy(u16, Question),
    /// The name is taken back.
    Farewell,
}

/// Answers by unicast that may still go in this second.
#[derive(Debug, Default)]
pub(super) struct Budget {
    since: Instant,
    spent: u32,
}

/// Why a name is not answered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OfferError {
    /// There are as many as the configuration allows.
    #[error("{0} names are offered already")]
    TooMany(usize),
}

impl Offer {
    pub(super) fn timeout(&self) -> Option<Instant> {
        let announcement = self.announcements.map(|(_, next)| next);
        self.due.iter().map(|(_, due)| *due).chain(announcement).min()
    }

    /// When it was multicast on this link, if it was.
    fn told(&self, link: SocketAddr) -> Option<Instant> {
        self.told.iter().find(|(l, _)| *l == link).map(|(_, told)| *told)
    }
}

impl Answer {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let Self { name, address, .. } = *self;
        match self.form {
            Form::Address => {
                Writer::response(out, 0).address(name, address, TTL).nothing_else(name, address);
            }
            Form::Legacy(id, Question { kind, .. }) => {
                let mut writer = Writer::response(out, id);
                writer.question(name, kind, false);
                if kind.asks_for(address) {
                    writer.legacy_address(name, address);
                }
            }
            Form::Farewell => {
                Writer::response(out, 0).address(name, address, 0);
            }
        }
    }
}

impl Mdns {
    /// Answers for a name of ours from now on. It is to be new, [`Name::random`], since nobody is
    /// asked whether he has it, and to have one address only.
    ///
    /// It is announced, but not in the first second: whoever learns of it by signalling asks
    /// meanwhile, and RFC 6762 §6 would have him wait for a second after an announcement.
    ///
    /// # Errors
    ///
    /// There are too many.
    pub fn offer(&mut self, now: Instant, name: Name, address: IpAddr) -> Result<(), OfferError> {
        let count = self.offers.len();
        if count >= self.config.max_offers {
            return Err(OfferError::TooMany(count));
        }
        let announcements = Some((ANNOUNCEMENTS, now + PAUSE));
        let (told, due) = (Vec::new(), Vec::new());
        self.offers.insert(name, Offer { address, announcements, told, due });
        Ok(())
    }

    /// Takes a name of ours back, RFC 6762 §10.1.
    pub fn withdraw(&mut self, name: Name) {
        let Some(offer) = self.offers.remove(&name) else { return };
        self.answers.retain(|answer| answer.name != name);
        for (link, _) in offer.told.into_iter().filter(|(link, _)| self.links.contains(link)) {
            let path = Path::udp(link, group(link));
            let address = offer.address;
            self.answers.push_back(Answer { path, name, address, form: Form::Farewell });
        }
    }

    /// Takes all of them back: the program ends.
    pub fn withdraw_all(&mut self) {
        let names: Vec<Name> = self.offers.keys().copied().collect();
        names.into_iter().for_each(|name| self.withdraw(name));
    }

    /// Takes questions. True: they are for names of ours.
    pub(super) fn asked(&mut self, now: Instant, path: Path, message: &Message) -> bool {
        let mut used = false;
        for question in &message.questions {
            let Some(offer) = self.offers.get(&question.name) else { continue };
            used = true;
            // The questions for A and AAAA, which come together, have one answer: NSEC says the rest.
            let repeated = |q: &Question| q.name == question.name;
            let first = message.questions.iter().find(|q| repeated(q)) == Some(question);
            let known = message.records.iter().any(|record| {
                let same = record.name == question.name && record.address == offer.address;
                same && record.ttl >= HALF
            });
            if path.remote.port() != PORT {
                if question.kind.asks_for(offer.address) || first {
                    self.tell_one(now, path, *question, Some(message.id));
                }
            } else if first && !known {
                let recent = offer.told(path.local).is_some_and(|told| told + RECENT > now);
                if question.unicast && recent {
                    self.tell_one(now, path, *question, None);
                } else {
                    self.tell_all(now, path.local, question.name);
                }
            }
        }
        used
    }

    /// Announces and answers what is due.
    pub(super) fn tell_due(&mut self, now: Instant) {
        let mut due = Vec::new();
        for (&name, offer) in &mut self.offers {
            offer.due.retain(|&(link, at)| {
                if at <= now {
                    due.push((name, link));
                }
                at > now
            });
            if let Some((count, at)) = offer.announcements
                && at <= now
            {
                offer.announcements = (count > 1).then(|| (count - 1, now + PAUSE));
                due.extend(self.links.iter().map(|&link| (name, link)));
            }
        }
        for (name, link) in due {
            self.tell_all(now, link, name);
        }
    }

    /// There is a link on which nobody was told yet.
    pub(super) fn announce_anew(&mut self, now: Instant) {
        for offer in self.offers.values_mut() {
            offer.announcements = Some((ANNOUNCEMENTS, now));
        }
    }

    /// Links are gone.
    pub(super) fn forget_links(&mut self) {
        let Self { offers, links, .. } = self;
        for offer in offers.values_mut() {
            offer.told.retain(|(link, _)| links.contains(link));
            offer.due.retain(|(link, _)| links.contains(link));
        }
    }

    /// Tells a name to all on a link, at once or a second after the last time.
    fn tell_all(&mut self, now: Instant, link: SocketAddr, name: Name) {
        let path = Path::udp(link, group(link));
        let waits = self.answers.iter().any(|a| a.path == path && a.name == name);
        let Some(offer) = self.offers.get_mut(&name).filter(|_| !waits) else { return };
        match offer.told(link).map(|told| told + PAUSE).filter(|earliest| *earliest > now) {
            Some(earliest) => {
                if !offer.due.iter().any(|(l, _)| *l == link) {
                    offer.due.push((link, earliest));
                }
            }
            None => {
                offer.told.retain(|(l, _)| *l != link);
                offer.told.push((link, now));
                let address = offer.address;
                self.answers.push_back(Answer { path, name, address, form: Form::Address });
            }
        }
    }

    /// Tells a name to who asks. `id`: of a question in ordinary DNS.
    fn tell_one(&mut self, now: Instant, path: Path, question: Question, id: Option<u16>) {
        if now.saturating_since(self.budget.since) >= Duration::from_secs(1) {
            self.budget = Budget { since: now, spent: 0 };
        }
        let full = self.answers.len() >= self.config.max_answers;
        let Some(offer) = self.offers.get(&question.name) else { return };
        if !full && self.budget.spent < self.config.max_unicast_answers {
            self.budget.spent += 1;
            let form = id.map_or(Form::Address, |id| Form::Legacy(id, question));
            let (name, address) = (question.name, offer.address);
            self.answers.push_back(Answer { path, name, address, form });
        }
    }
}
