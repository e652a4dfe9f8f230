//! Channels: four bytes in front of a payload instead of thirty-six, RFC 8656 §12.

use core::net::SocketAddr;
use core::time::Duration;

use sansio::Instant;

use super::permission::Permission;
use super::request::{Kind, Request};
use super::{Client, Event, PeerError};
use crate::attribute::ChannelNumber;

/// A binding lasts 600 s (RFC 8656 §12); it is renewed a minute before.
const RENEWAL: Duration = Duration::from_secs(540);

/// After how long a number may serve another peer, if it was bound just now: when the binding has
/// expired, 600 s, and 300 s after that (RFC 8656 §12).
const REST: Duration = Duration::from_secs(600 + 300);

/// A channel and its peer.
///
/// ```text
/// Wanted ─► Asked ─► Bound ─► Asked …     bind; renewed
/// each   ─► Left  ─► Free                 unbind; its number may serve another peer
/// Left   ─► Wanted                        bind, by the same peer
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Channel {
    pub(super) peer: SocketAddr,
    pub(super) state: ChannelState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChannelState {
    Wanted,
    /// Asked for; bound before or not.
    Asked {
        bound: bool,
    },
    /// Bound; to be renewed at this time.
    Bound {
        renew: Instant,
    },
    Refused,
    /// Nobody needs it; until this time, which is set when time next passes, its number belongs to
    /// the peer.
    Left {
        until: Option<Instant>,
    },
    /// Nobody's.
    Free,
}

impl Channel {
    pub(super) const fn due(&self) -> Option<Instant> {
        match self.state {
            ChannelState::Bound { renew } => Some(renew),
            _ => None,
        }
    }

    /// Whether data may come in it: it was asked for, and the server may not have forgotten it.
    pub(super) const fn may_speak(&self) -> bool {
        self.is_bound() || self.is_asked() || matches!(self.state, ChannelState::Left { .. })
    }

    const fn is_asked(&self) -> bool {
        matches!(self.state, ChannelState::Asked { .. })
    }

    /// Whether its peer is to have it.
    const fn is_needed(&self) -> bool {
        !matches!(self.state, ChannelState::Left { .. } | ChannelState::Free)
    }

    /// Whether data may be sent in it: the server has confirmed it.
    pub(super) const fn is_bound(&self) -> bool {
        matches!(self.state, ChannelState::Bound { .. } | ChannelState::Asked { bound: true })
    }
}

impl Client {
    /// Asks for a channel to this peer, and for its permission, which a channel brings with it.
    /// Until it stands, and if it is refused, data goes in indications.
    ///
    /// # Errors
    ///
    /// There are [`Config::max_channels`](super::Config::max_channels) already, those included whose
    /// numbers may not serve another peer yet, or
    /// [`Config::max_permissions`](super::Config::max_permissions) addresses.
    pub fn bind(&mut self, peer: SocketAddr) -> Result<(), PeerError> {
        let known = self.channel_of.get(&peer).copied();
        if known.and_then(|number| self.channel(number)).is_some_and(Channel::is_needed) {
            return Ok(());
        }
        let is_free = |channel: &Channel| channel.state == ChannelState::Free;
        let count = self.channels.len();
        let next = known.map(index).or_else(|| self.channels.iter().position(is_free));
        let next = next.unwrap_or(count);
        if next >= self.config.max_channels.min(MAX_NUMBERS) {
            return Err(PeerError::TooMany(count));
        }
        self.permit(peer.ip())?;
        let asked = |request: &Request| request.kind == Kind::Bind(number(next));
        // It was let go of a moment ago, and the answer is still to come.
        let state = match self.requests.iter().any(asked) {
            true => ChannelState::Asked { bound: false },
            false => ChannelState::Wanted,
        };
        let channel = Channel { peer, state };
        match self.channels.get_mut(next) {
            Some(place) => *place = channel,
            None => self.channels.push(channel),
        }
        self.channel_of.insert(peer, number(next));
        Ok(())
    }

    /// Ceases to keep the channel to this peer, which nobody needs any more. The server cannot be
    /// told: the binding ends by itself, and 300 s later the number may serve another peer
    /// (RFC 8656 §12). Until then the peer has it back if it is [bound](Self::bind) again.
    pub fn unbind(&mut self, peer: SocketAddr) {
        let Some(number) = self.channel_of.get(&peer).copied() else { return };
        let Some(channel) = self.channels.get_mut(index(number)) else { return };
        match channel.state {
            ChannelState::Wanted => {
                channel.state = ChannelState::Free;
                self.channel_of.remove(&peer);
            }
            ChannelState::Asked { .. } | ChannelState::Bound { .. } | ChannelState::Refused => {
                channel.state = ChannelState::Left { until: None };
            }
            ChannelState::Left { .. } | ChannelState::Free => {}
        }
    }

    /// The peers that have a channel, or are to have one.
    pub fn channel_peers(&self) -> impl Iterator<Item = SocketAddr> {
        self.channels.iter().filter(|channel| channel.is_needed()).map(|channel| channel.peer)
    }

    /// Whether the peer has a channel.
    pub fn is_bound(&self, peer: SocketAddr) -> bool {
        let number = self.channel_of.get(&peer);
        number.and_then(|number| self.channel(*number)).is_some_and(Channel::is_bound)
    }

    pub(super) fn channel(&self, number: ChannelNumber) -> Option<&Channel> {
        self.channels.get(index(number))
    }

    /// Makes requests of what is wanted.
    pub(super) fn ask_for_channels(&mut self, now: Instant) {
        for index in 0..self.channels.len() {
            if self.channels[index].state == ChannelState::Wanted {
                self.channels[index].state = ChannelState::Asked { bound: false };
                self.ask(now, Kind::Bind(number(index)));
            }
        }
    }

    pub(super) fn renew_channels(&mut self, now: Instant) {
        for index in 0..self.channels.len() {
            if self.channels[index].due().is_some_and(|at| at <= now) {
                self.channels[index].state = ChannelState::Asked { bound: true };
                self.ask(now, Kind::Bind(number(index)));
            }
        }
    }

    /// Those that have rested may serve other peers.
    pub(super) fn free_channels(&mut self, now: Instant) {
        for channel in &mut self.channels {
            let ChannelState::Left { until } = &mut channel.state else { continue };
            if *until.get_or_insert(now + REST) <= now {
                channel.state = ChannelState::Free;
                self.channel_of.remove(&channel.peer);
            }
        }
    }

    pub(super) fn channel_bound(&mut self, now: Instant, number: ChannelNumber) {
        let Some(channel) = self.channels.get_mut(index(number)) else { return };
        if let ChannelState::Left { until } = &mut channel.state {
            // It was asked for before it was left.
            *until = Some(now + REST);
        }
        if !channel.is_asked() {
            return;
        }
        let news = !channel.is_bound();
        channel.state = ChannelState::Bound { renew: now + RENEWAL };
        let peer = channel.peer;
        // RFC 8656 §12.2: a binding installs or refreshes the permission.
        if matches!(self.permissions.get(&peer.ip()), Some(Permission::Granted { .. })) {
            self.permissions_granted(now, &[peer.ip()]);
        }
        if news {
            self.events.push_back(Event::ChannelBound(peer));
        }
    }

    pub(super) fn channel_refused(&mut self, number: ChannelNumber, code: Option<u16>) {
        let Some(channel) = self.channels.get_mut(index(number)) else { return };
        if !channel.is_asked() {
            return;
        }
        channel.state = ChannelState::Refused;
        let peer = channel.peer;
        self.events.push_back(Event::ChannelRefused { peer, code });
    }

    /// One that stood is asked for again, as long as there is an allocation.
    pub(super) fn channel_unanswered(&mut self, now: Instant, number: ChannelNumber) {
        match self.channel(number).is_some_and(Channel::is_bound) {
            true => self.ask(now, Kind::Bind(number)),
            false => self.channel_refused(number, None),
        }
    }

    pub(super) fn want_channel(&mut self, number: ChannelNumber) {
        let channel = self.channels.get_mut(index(number));
        if let Some(channel) = channel.filter(|channel| channel.is_asked()) {
            channel.state = ChannelState::Wanted;
        }
    }

    /// The allocation is gone, and all numbers are free in the next one; the wishes remain.
    pub(super) fn forget_channels(&mut self) {
        for channel in &mut self.channels {
            match channel.state {
                ChannelState::Free => {}
                ChannelState::Left { .. } => {
                    channel.state = ChannelState::Free;
                    self.channel_of.remove(&channel.peer);
                }
                _ => channel.state = ChannelState::Wanted,
            }
        }
    }
}

/// How many numbers there are.
const MAX_NUMBERS: usize = 0x1000;

fn index(number: ChannelNumber) -> usize {
    usize::from(number.number() - ChannelNumber::MIN.number())
}

/// The inverse of [`index`], of a channel that there is.
fn number(index: usize) -> ChannelNumber {
    let number = u16::try_from(index).unwrap_or(0).saturating_add(ChannelNumber::MIN.number());
    ChannelNumber::new(number).unwrap_or(ChannelNumber::MAX)
}
