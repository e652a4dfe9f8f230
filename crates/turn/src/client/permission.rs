//! Whom the server lets in, RFC 8656 §9 and §10.

use core::net::IpAddr;
use core::time::Duration;

use sansio::Instant;

use super::request::{Kind, Request};
use super::{Client, Event, PeerError, State};
use crate::server::PeerPolicy;

/// A permission lasts 300 s (RFC 8656 §9); it is renewed a minute before.
const RENEWAL: Duration = Duration::from_secs(240);

/// How many addresses go into one request: 8 of IPv6 and the credentials fit into 576 bytes.
const BATCH: usize = 8;

/// A permission on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Permission {
    /// To be asked for; alone, if it has been refused in company.
    Wanted {
        alone: bool,
    },
    /// Asked for, and granted before or not.
    Asked {
        granted: bool,
    },
    /// Granted; to be renewed at this time.
    Granted {
        renew: Instant,
    },
    Refused,
}

impl Permission {
    pub(super) const fn due(&self) -> Option<Instant> {
        match self {
            Self::Granted { renew } => Some(*renew),
            _ => None,
        }
    }
}

impl Client {
    /// Asks the server to let this address through, now or as soon as there is an allocation, and
    /// for as long as there is one. [`wrap`](Self::wrap) does not wait for the answer.
    ///
    /// # Errors
    ///
    /// There are [`Config::max_permissions`](super::Config::max_permissions) already.
    pub fn permit(&mut self, ip: IpAddr) -> Result<(), PeerError> {
        if matches!(self.state, State::Closing | State::Closed) {
            return Err(PeerError::Closed);
        }
        let known = self.permissions.get(&ip).copied();
        if known.is_none() {
            if self.permitted.len() >= self.config.max_permissions {
                return Err(PeerError::TooMany(self.permitted.len()));
            }
            self.permitted.push(ip);
        }
        if matches!(known, None | Some(Permission::Refused)) {
            let asked = |request: &Request| request.kind.permits(ip);
            // It was forgotten a moment ago, and the answer is still to come.
            let permission = match self.requests.iter().any(asked) {
                true => Permission::Asked { granted: false },
                false => Permission::Wanted { alone: false },
            };
            self.permissions.insert(ip, permission);
        }
        Ok(())
    }

    /// Ceases to ask for this address and for channels to it: no peer there is needed any more. The
    /// server cannot be told: it lets the address through until its permission ends, 300 s after it
    /// was last granted (RFC 8656 §9).
    pub fn forget(&mut self, ip: IpAddr) {
        if self.permissions.remove(&ip).is_some() {
            self.permitted.retain(|known| *known != ip);
            let needed = |ips: &[IpAddr]| ips.iter().any(|ip| self.permissions.contains_key(ip));
            self.requests.retain(|request| match &request.kind {
                Kind::Permit(ips) => needed(ips),
                _ => true,
            });
            for peer in self.channel_peers().filter(|peer| peer.ip() == ip).collect::<Vec<_>>() {
                self.unbind(peer);
            }
        }
    }

    /// The addresses that were asked for, permitted or not, the oldest first.
    pub fn permitted(&self) -> impl Iterator<Item = IpAddr> {
        self.permitted.iter().copied()
    }

    /// Whether the server lets this address through.
    pub fn is_permitted(&self, ip: IpAddr) -> bool {
        use Permission::{Asked, Granted};
        matches!(self.permissions.get(&ip), Some(Granted { .. } | Asked { granted: true }))
    }

    /// Makes requests of what is wanted. Addresses inside networks keep to themselves: most servers
    /// forbid them, and with them all that is asked in the same request.
    pub(super) fn ask_for_permissions(&mut self, now: Instant) {
        let mut batches = [Vec::new(), Vec::new()];
        for index in 0..self.permitted.len() {
            let ip = self.permitted[index];
            let Some(permission) = self.permissions.get_mut(&ip) else { continue };
            let Permission::Wanted { alone } = *permission else { continue };
            *permission = Permission::Asked { granted: false };
            if alone {
                self.ask(now, Kind::Permit(vec![ip]));
                continue;
            }
            let is_public = PeerPolicy::default().allows(ip);
            let batch = &mut batches[usize::from(!is_public)];
            batch.push(ip);
            if batch.len() == BATCH {
                let full = core::mem::take(batch);
                self.ask(now, Kind::Permit(full));
            }
        }
        for batch in batches.into_iter().filter(|batch| !batch.is_empty()) {
            self.ask(now, Kind::Permit(batch));
        }
    }

    /// Renews all together as soon as one is due: they were mostly asked for together.
    pub(super) fn renew_permissions(&mut self, now: Instant) {
        let due = |client: &Self, ip: &IpAddr| client.permissions.get(ip).and_then(Permission::due);
        if !self.permitted.iter().any(|ip| due(self, ip).is_some_and(|at| at <= now)) {
            return;
        }
        let all: Vec<IpAddr> =
            self.permitted.iter().copied().filter(|ip| due(self, ip).is_some()).collect();
        for ips in all.chunks(BATCH) {
            for ip in ips {
                self.permissions.insert(*ip, Permission::Asked { granted: true });
            }
            self.ask(now, Kind::Permit(ips.to_vec()));
        }
    }

    pub(super) fn permissions_granted(&mut self, now: Instant, ips: &[IpAddr]) {
        for ip in ips {
            let Some(permission) = self.permissions.get_mut(ip) else { continue };
            let granted = Permission::Granted { renew: now + RENEWAL };
            let before = core::mem::replace(permission, granted);
            if before == (Permission::Asked { granted: false }) {
                self.events.push_back(Event::Permitted(*ip));
            }
        }
    }

    /// One that is forbidden makes the server refuse all of a request (RFC 8656 §10.2), so each is
    /// asked for alone then.
    pub(super) fn permissions_refused(&mut self, _: Instant, ips: &[IpAddr], code: Option<u16>) {
        for ip in ips {
            let Some(permission) = self.permissions.get_mut(ip) else { continue };
            if ips.len() > 1 {
                *permission = Permission::Wanted { alone: true };
            } else {
                *permission = Permission::Refused;
                self.events.push_back(Event::PermissionRefused { ip: *ip, code });
            }
        }
    }

    /// What was granted before is asked for again, as long as there is an allocation: the network may
    /// come back. What was not is refused.
    pub(super) fn permissions_unanswered(&mut self, now: Instant, ips: &[IpAddr]) {
        let was_granted = |client: &Self, ip: &IpAddr| {
            client.permissions.get(ip) == Some(&Permission::Asked { granted: true })
        };
        let (again, new): (Vec<_>, Vec<_>) = ips.iter().partition(|ip| was_granted(self, ip));
        if !again.is_empty() {
            self.ask(now, Kind::Permit(again));
        }
        for ip in new {
            self.permissions_refused(now, &[ip], None);
        }
    }

    pub(super) fn want_permissions(&mut self, ips: &[IpAddr]) {
        for ip in ips {
            if let Some(permission) = self.permissions.get_mut(ip) {
                *permission = Permission::Wanted { alone: false };
            }
        }
    }

    /// The allocation is gone, the wishes remain.
    pub(super) fn forget_permissions(&mut self) {
        for ip in &self.permitted {
            self.permissions.insert(*ip, Permission::Wanted { alone: false });
        }
    }
}
