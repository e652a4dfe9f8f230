//! What belongs to one pair of credentials: a restart begins another generation, RFC 8445 §2.4.

use std::collections::VecDeque;

use core::cmp::Reverse;
use core::time::Duration;

use sansio::{Instant, Path};
use stun::{IntegrityKey, TransactionId};

use crate::agent::consent::Consent;
use crate::agent::nominate::Nomination;
use crate::agent::pair::{CandidateId, Pair, PairId};
use crate::agent::room::Waiting;
use crate::{Candidate, Credentials, PairState, Role};

/// Candidates, pairs and checks of one generation.
#[derive(Debug)]
pub(crate) struct Generation {
    pub(crate) credentials: Credentials,
    /// Authenticates requests to us and our responses.
    pub(crate) key: IntegrityKey,
    /// Known once the other side's description is.
    pub(crate) remote: Option<RemoteParty>,
    pub(crate) remotes: Vec<Remote>,
    /// Remote candidates with names, waiting for somebody to resolve them.
    pub(crate) unresolved: Vec<Candidate>,
    /// The other side has no more candidates.
    pub(crate) remote_complete: bool,
    /// Checks that came before the credentials of the other side.
    pub(crate) early: VecDeque<EarlyCheck>,
    pub(crate) pairs: Vec<Pair>,
    /// Pairs that found no room.
    pub(crate) waiting: Vec<Waiting>,
    /// Pairs to be checked at once, RFC 8445 §6.1.4.1.
    pub(crate) triggered: VecDeque<PairId>,
    /// When the first of the pairs that are valid now became so.
    pub(crate) first_valid: Option<Instant>,
    /// When the last valid pair was lost because its candidates went.
    pub(crate) lost: Option<Instant>,
    /// How many nominations there were.
    pub(crate) nominated: u32,
    /// The highest number of a nomination so far: ours when controlling, else theirs.
    pub(crate) nominations: u32,
    /// The pair that we are nominating.
    pub(crate) nominating: Option<PairId>,
    /// The nominated pair in use.
    pub(crate) selected: Option<PairId>,
    /// It was taken because another fell silent or was lost.
    pub(crate) makeshift: bool,
    /// The pair in use, nominated or not.
    pub(crate) route: Option<PairId>,
    pub(crate) consent: Consent,
    /// Consent was lost: nothing is sent any more but responses (RFC 7675 §5.1).
    pub(crate) expired: bool,
}

/// The other side's credentials, ready for use.
#[derive(Debug)]
pub(crate) struct RemoteParty {
    pub(crate) credentials: Credentials,
    /// Authenticates our requests and the responses to them.
    pub(crate) key: IntegrityKey,
    /// USERNAME of our requests, `theirs:ours` (RFC 8445 §7.2.2).
    pub(crate) username: Box<str>,
    /// When we learnt them: the checks begin, and patience (RFC 8863 §4).
    pub(crate) since: Instant,
    /// What it called us in a request, if that was not our present name.
    pub(crate) former: Option<FormerName>,
}

/// By which name of ours, the user name fragment, the other side's requests on a pair are addressed.
///
/// When it restarts, libwebrtc checks from its new sockets as soon as it has them, with what it knows
/// of us before our answer has come: its new name and our old one. The pair that is found so keeps
/// both names for life, and takes requests of ours with these two only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Name {
    #[default]
    Present,
    /// That of the generation before.
    Former,
}

/// Our name of the generation before, in use with the other side's present one.
#[derive(Debug)]
pub(crate) struct FormerName {
    ufrag: Box<str>,
    /// Authenticates requests to us and our responses.
    key: IntegrityKey,
    /// USERNAME of our requests.
    username: Box<str>,
}

/// A remote candidate with an address.
#[derive(Debug)]
pub(crate) struct Remote {
    pub(crate) id: CandidateId,
    pub(crate) candidate: Candidate,
    pub(crate) address: core::net::SocketAddr,
    /// Signalling brought a name.
    pub(crate) hidden: bool,
    /// Equal for equal foundations.
    pub(crate) foundation: u32,
}

/// A check that came before the credentials of the other side.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EarlyCheck {
    pub(crate) path: Path,
    pub(crate) priority: u32,
    pub(crate) nominates: Option<Nomination>,
    pub(crate) name: Name,
}

impl RemoteParty {
    /// USERNAME of our requests on a pair where we are called by this name.
    pub(crate) fn username(&self, name: Name) -> &str {
        let former = self.former.as_ref().filter(|_| name == Name::Former);
        former.map_or(&self.username, |former| &former.username)
    }
}

impl Generation {
    pub(crate) fn new(credentials: Credentials) -> Self {
        Self {
            key: IntegrityKey::short_term(credentials.pwd()),
            credentials,
            remote: None,
            remotes: Vec::new(),
            unresolved: Vec::new(),
            remote_complete: false,
            early: VecDeque::new(),
            pairs: Vec::new(),
            waiting: Vec::new(),
            triggered: VecDeque::new(),
            first_valid: None,
            lost: None,
            nominated: 0,
            nominations: 0,
            nominating: None,
            selected: None,
            makeshift: false,
            route: None,
            consent: Consent::default(),
            expired: false,
        }
    }

    pub(crate) fn set_remote(&mut self, now: Instant, credentials: Credentials) {
        self.remote = Some(RemoteParty {
            key: IntegrityKey::short_term(credentials.pwd()),
            username: format!("{}:{}", credentials.ufrag(), self.credentials.ufrag()).into(),
            credentials,
            since: now,
            former: None,
        });
    }

    /// The other side calls us by our name of the generation before.
    pub(crate) fn set_former_name(&mut self, previous: &Self) {
        let Some(remote) = &mut self.remote else { return };
        if remote.former.is_none() {
            let ufrag = previous.credentials.ufrag();
            remote.former = Some(FormerName {
                username: format!("{}:{ufrag}", remote.credentials.ufrag()).into(),
                ufrag: ufrag.into(),
                key: previous.key.clone(),
            });
        }
    }

    /// What a request with this USERNAME, `ours:theirs`, is authenticated with, if it is meant for
    /// this generation, and by which name.
    pub(crate) fn called(&self, (ours, theirs): (&str, &str)) -> Option<(&IntegrityKey, Name)> {
        if ours == self.credentials.ufrag() {
            return Some((&self.key, Name::Present));
        }
        let remote = self.remote.as_ref().filter(|remote| remote.credentials.ufrag() == theirs)?;
        let former = remote.former.as_ref().filter(|former| *former.ufrag == *ours)?;
        Some((&former.key, Name::Former))
    }

    /// The name of before that is in use still.
    pub(crate) fn former_ufrag(&self) -> Option<&str> {
        Some(&self.remote.as_ref()?.former.as_ref()?.ufrag)
    }

    /// Whether this is the other side's name, and was not yet in the generation before.
    pub(crate) fn is_new_name(&self, theirs: &str, previous: &Self) -> bool {
        let is_it = |generation: &Self| {
            let remote = generation.remote.as_ref();
            remote.is_some_and(|remote| remote.credentials.ufrag() == theirs)
        };
        is_it(self) && !is_it(previous)
    }

    pub(crate) fn pair(&self, id: PairId) -> Option<&Pair> {
        self.pairs.iter().find(|pair| pair.id == id)
    }

    pub(crate) fn pair_mut(&mut self, id: PairId) -> Option<&mut Pair> {
        self.pairs.iter_mut().find(|pair| pair.id == id)
    }

    pub(crate) fn pair_on(&self, path: Path) -> Option<&Pair> {
        self.pairs.iter().find(|pair| pair.path == path)
    }

    /// The pair in use.
    pub(crate) fn route_pair(&self) -> Option<&Pair> {
        self.route.and_then(|id| self.pair(id))
    }

    /// The valid pair of the highest priority, see [`Pair::is_valid`]; of equal ones the eldest, so
    /// that a lite agent, which knows no more than requests, is not led away by one that is replayed.
    pub(crate) fn best_valid(&self, now: Instant, lifetime: Duration) -> Option<&Pair> {
        let valid = self.pairs.iter().filter(|pair| pair.is_valid(now, lifetime));
        valid.max_by_key(|pair| (pair.priority, Reverse(pair.id.0)))
    }

    /// Whether a response with this id is awaited.
    pub(crate) fn awaits(&self, id: TransactionId) -> bool {
        self.consent.awaits(id) || self.pairs.iter().any(|pair| pair.awaits(id))
    }

    /// Priorities follow the role, RFC 8445 §6.1.2.3.
    pub(crate) fn prioritize(&mut self, role: Role) {
        for pair in &mut self.pairs {
            pair.prioritize(role);
        }
    }

    /// This pair works no more, and nothing can be sent on it.
    pub(crate) fn fail_pair(&mut self, id: PairId) {
        let Some(pair) = self.pair_mut(id) else { return };
        (pair.check, pair.cancelled, pair.state) = (None, None, PairState::Failed);
        pair.extras = Vec::new();
        for chosen in [&mut self.nominating, &mut self.selected] {
            chosen.take_if(|chosen| *chosen == id);
        }
    }

    /// Drops pairs whose candidates are gone.
    pub(crate) fn drop_pairs(&mut self, is_gone: impl Fn(&Pair) -> bool) {
        self.pairs.retain(|pair| !is_gone(pair));
        let pairs = &self.pairs;
        for chosen in [&mut self.nominating, &mut self.selected] {
            chosen.take_if(|id| pairs.iter().all(|pair| pair.id != *id));
        }
    }

    /// Whether the pair in use was dropped, or has failed.
    pub(crate) fn is_route_lost(&self) -> bool {
        self.route.is_some() && self.route_pair().is_none_or(|pair| pair.state == PairState::Failed)
    }

    /// When the pair in use was last answered.
    pub(crate) fn last_response(&self) -> Option<Instant> {
        self.route_pair()?.last_response
    }

    /// Stops all checks but those of pairs above this priority, if there is one, and forgets pairs on
    /// which nothing has been heard.
    pub(crate) fn conclude(&mut self, bound: Option<u64>) {
        self.consent.trust();
        self.nominating = None;
        let goes_on =
            |pair: &Pair| pair.is_open() && bound.is_some_and(|bound| pair.priority > bound);
        self.pairs.retain(|pair| pair.is_trusted() || goes_on(pair));
        let Self { pairs, triggered, .. } = self;
        triggered.retain(|id| pairs.iter().any(|pair| pair.id == *id && goes_on(pair)));
        for pair in self.pairs.iter_mut().filter(|pair| !goes_on(pair)) {
            (pair.check, pair.cancelled, pair.wanted) = (None, None, None);
            pair.extras = Vec::new();
            if pair.is_open() {
                (pair.state, pair.parked) = (PairState::Frozen, true);
            }
        }
    }
}
