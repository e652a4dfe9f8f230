//! Checks of the other side: their responses, and the checks they trigger, RFC 8445 §7.3.

use sansio::{Instant, Path, Transmit, Transport};
use stun::attribute::{IceControlled, IceControlling, Priority, Username, XorMappedAddress};
use stun::{
    AttributeType, Class, ErrorCode, IntegrityKey, Message, MessageBuilder, Method, TransactionId,
};

use crate::agent::gather::Local;
use crate::agent::generation::{EarlyCheck, Name};
use crate::agent::machine::Agent;
use crate::agent::pair::CandidateId;
use crate::agent::role::Claim;
use crate::{Discard, Role};

/// Comprehension-required attributes that a check may carry.
const UNDERSTOOD: [AttributeType; 4] = [
    AttributeType::USERNAME,
    AttributeType::MESSAGE_INTEGRITY,
    AttributeType::PRIORITY,
    AttributeType::USE_CANDIDATE,
];

/// How many unknown attributes a 420 lists.
const UNKNOWN_LISTED: usize = 4;

/// A response to be written when it is pulled.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) path: Path,
    id: TransactionId,
    key: IntegrityKey,
    answer: Answer,
    /// The request had something for the slot.
    embeds: bool,
}

#[derive(Clone, Copy, Debug)]
enum Answer {
    Success,
    BadRequest,
    Unknown([Option<AttributeType>; UNKNOWN_LISTED]),
    RoleConflict,
}

impl Agent {
    pub(super) fn handle_request(
        &mut self,
        now: Instant,
        path: Path,
        message: &Message<'_>,
    ) -> Result<(), Discard> {
        if self.local_on(path).is_none() {
            return Err(Discard::UnknownLocalAddress(path.local));
        }
        let username = message.get::<Username>()?.ok_or(Discard::Incomplete)?;
        let (key, name) = self.addressed(username.as_str()).ok_or(Discard::UnknownUser)?;
        message.check_integrity(key)?;
        if self.responses.len() >= self.config.max_responses {
            return Err(Discard::Busy(self.responses.len()));
        }
        let priority = message.get::<Priority>()?.map(|priority| priority.0);
        let nominates = self.nomination_in(message)?;
        let claim = Claim {
            controlling: message.get::<IceControlling>()?.map(|claim| claim.0),
            controlled: message.get::<IceControlled>()?.map(|claim| claim.0),
        };

        // From here on it counts.
        let key = key.clone();
        self.counters.requests_received += 1;
        let mut unknown = message.unknown_attributes(&UNDERSTOOD);
        let answer = match (unknown.next(), priority) {
            (Some(first), _) => {
                let mut listed = [Some(first), None, None, None];
                listed.iter_mut().skip(1).for_each(|slot| *slot = unknown.next());
                Answer::Unknown(listed)
            }
            (None, None) => Answer::BadRequest,
            (None, Some(_)) if name.is_some() && self.refuses(claim) => Answer::RoleConflict,
            (None, Some(_)) => Answer::Success,
        };
        let embeds = matches!(answer, Answer::Success) && self.take_embedded(message, None);
        let id = message.transaction_id();
        self.responses.push_back(Response { path, id, key, answer, embeds });
        if let (Answer::Success, Some(priority)) = (answer, priority) {
            match name {
                Some(name) => {
                    self.checked_by_peer(now, EarlyCheck { path, priority, nominates, name });
                }
                None => self.checked_as_previous(now, path),
            }
        }
        Ok(())
    }

    /// What authenticates a request with this USERNAME, and by which name it calls the present
    /// generation. No name: it is meant for the one before.
    fn addressed(&self, username: &str) -> Option<(&IntegrityKey, Option<Name>)> {
        let names = username.split_once(':')?;
        if let Some((key, name)) = self.current.called(names) {
            return Some((key, Some(name)));
        }
        let previous = self.previous.as_ref()?;
        let (key, name) = previous.called(names)?;
        let is_new = name == Name::Present && self.current.is_new_name(names.1, previous);
        Some((key, is_new.then_some(Name::Former)))
    }

    /// The other side has sent an authentic check this way. Before its credentials are known it
    /// cannot be checked in turn, so this is remembered until they are.
    pub(super) fn checked_by_peer(&mut self, now: Instant, check: EarlyCheck) {
        let EarlyCheck { path, priority, nominates, name } = check;
        if self.current.remote.is_none() {
            let early = &mut self.current.early;
            match early.iter_mut().find(|known| known.path == path) {
                Some(known) => known.nominates = nominates.or(known.nominates),
                None => {
                    if early.len() >= self.config.max_early_checks {
                        early.pop_front();
                    }
                    early.push_back(check);
                }
            }
            return;
        }
        if let (Name::Former, Some(previous)) = (name, &self.previous) {
            self.current.set_former_name(previous);
        }
        let local = self.local_on(path);
        let remote = self.learn_remote(path, priority);
        let (Some(local), Some(remote)) = (local, remote) else { return };
        let Some(id) = self.add_pair(path, local, remote) else { return };
        self.permit(path);
        if let Some(pair) = self.current.pair_mut(id) {
            (pair.heard, pair.last_request) = (true, Some(now));
            pair.name = name;
            pair.stats.requests_received += 1;
            pair.stats.responses_sent += 1;
        }
        self.heard_on(now, path);
        // After nomination too: the other side may be looking for another way.
        if self.current.expired {
            return;
        }
        if self.is_lite() {
            self.checked_as_lite(now, id);
        } else {
            self.trigger(now, id);
        }
        if let Some(nomination) = nominates.filter(|_| self.role == Role::Controlled) {
            self.wanted_by_peer(now, id, nomination);
        }
    }

    /// The local candidate at this end of a path: that of its base, or of a stream the one that
    /// connected. `None`: there is none, or the policy has nothing to do with it.
    pub(super) fn local_on(&self, path: Path) -> Option<CandidateId> {
        let is_it = |local: &&Local| {
            local.base == path.local && local.candidate.transport == path.transport
        };
        let based = self.locals.iter().find(is_it);
        if let Some(local) = based {
            return self.config.policy.pairs(local.candidate.kind).then_some(local.id);
        }
        let is_stream = path.transport == Transport::Tcp;
        self.current.pair_on(path).filter(|_| is_stream).map(|pair| pair.local)
    }

    /// A sign of life, if it came on the route.
    pub(super) fn heard_on(&mut self, now: Instant, path: Path) {
        if self.route.is_some_and(|route| route.between == path) {
            self.last_heard = now;
        }
    }

    pub(super) fn send_response(
        &mut self,
        now: Instant,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit<Path>> {
        let Response { path, id, key, answer, embeds } = self.responses.pop_front()?;
        if self.responses.is_empty() {
            // The next request comes in seconds.
            self.responses.shrink_to_fit();
        }
        self.counters.responses_sent += 1;
        let start = buf.len();
        let error = |buf, code: ErrorCode<'_>| {
            MessageBuilder::new(buf, Class::ErrorResponse, Method::BINDING, id).attribute(&code)
        };
        let message = match answer {
            Answer::Success => {
                let message = MessageBuilder::new(buf, Class::SuccessResponse, Method::BINDING, id)
                    .attribute(&XorMappedAddress(path.remote));
                self.embed_in_response(now, path, embeds, message)
            }
            Answer::BadRequest => error(buf, ErrorCode::BAD_REQUEST),
            Answer::RoleConflict => error(buf, ErrorCode::ROLE_CONFLICT),
            Answer::Unknown(types) => {
                let list: Vec<u8> =
                    types.iter().flatten().flat_map(|kind| kind.0.to_be_bytes()).collect();
                error(buf, ErrorCode::UNKNOWN_ATTRIBUTE)
                    .raw(AttributeType::UNKNOWN_ATTRIBUTES, &list)
            }
        };
        message.integrity(&key).fingerprint();
        Some(Transmit::new(path, buf.len() - start))
    }
}
