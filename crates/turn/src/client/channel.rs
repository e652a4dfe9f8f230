//! Channels: four bytes in front of a payload instead of thirty-six, RFC 8656 §12.

use core::net::SocketAddr;
use core::time::Duration;

use sansio::Instant;

use super::permission::Permission;
use super::request::Kind;
use super::{Client, Event, PeerError};
use crate::attribute::ChannelNumber;

/// A binding lasts 600 s (RFC 8656 §12); it is renewed a minute before.
const RENEWAL: Duration = Duration::from_secs(540);

/// A channel and its peer; a peer keeps its channel for good.
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
}

impl Channel {
    pub(super) const fn due(&self) -> Option<Instant> {
        match self.state {
            ChannelState::Bound { renew } => Some(renew),
            _ => None,
        }
    }

    /// Whether data may come in it: it was asked for.
    pub(super) const fn may_speak(&self) -> bool {
        self.is_bound() || matches!(self.state, ChannelState::Asked { .. })
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
    /// There are [`Config::max_channels`](super::Config::max_channels) already, or
    /// [`Config::max_permissions`](super::Config::max_permissions) addresses.
    pub fn bind(&mut self, peer: SocketAddr) -> Result<(), PeerError> {
        if self.channel_of.contains_key(&peer) {
            return Ok(());
        }
        let count = self.channels.len();
        let number = u16::try_from(count).ok().and_then(|count| ChannelNumber::new(0x4000 + count));
        let number = number.filter(|_| count < self.config.max_channels);
        let number = number.ok_or(PeerError::TooMany(count))?;
        self.permit(peer.ip())?;
        self.channels.push(Channel { peer, state: ChannelState::Wanted });
        self.channel_of.insert(peer, number);
        Ok(())
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

    pub(super) fn channel_bound(&mut self, now: Instant, number: ChannelNumber) {
        let Some(channel) = self.channels.get_mut(index(number)) else { return };
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
        if let Some(channel) = self.channels.get_mut(index(number)) {
            channel.state = ChannelState::Wanted;
        }
    }

    pub(super) fn forget_channels(&mut self) {
        self.channels.iter_mut().for_each(|channel| channel.state = ChannelState::Wanted);
    }
}

fn index(number: ChannelNumber) -> usize {
    usize::from(number.number() - ChannelNumber::MIN.number())
}

/// The inverse of [`index`], of a channel that there is.
fn number(index: usize) -> ChannelNumber {
    let number = u16::try_from(index).unwrap_or(0).saturating_add(ChannelNumber::MIN.number());
    ChannelNumber::new(number).unwrap_or(ChannelNumber::MAX)
}
