//! Channels, RFC 8656 §12.2.

use core::time::Duration;

use sansio::Instant;
use stun::{ErrorCode, MessageBuilder};

use super::Server;
use super::allocation::Channel;
use super::request::{Asked, Outcome};
use crate::attribute::{ChannelNumber, XorPeerAddress};

/// RFC 8656 §12.
const LIFETIME: Duration = Duration::from_secs(600);

impl Server {
    pub(super) fn channel_bind<'o>(
        &mut self,
        now: Instant,
        asked: &Asked<'_>,
        response: MessageBuilder<'o>,
    ) -> Outcome<'o> {
        let Some(id) = self.open_allocation(asked) else {
            return Outcome::Refused(ErrorCode::ALLOCATION_MISMATCH);
        };
        let (Ok(Some(number)), Ok(Some(XorPeerAddress(peer)))) =
            (asked.message.get::<ChannelNumber>(), asked.message.get())
        else {
            return Outcome::Refused(ErrorCode::BAD_REQUEST);
        };
        if let Err(code) = self.may_reach(id, peer.ip()) {
            return Outcome::Refused(code);
        }
        let Some(allocation) = self.allocations.get_mut(&id) else {
            return Outcome::Refused(ErrorCode::ALLOCATION_MISMATCH);
        };
        // One number, one peer, and the other way round, until the binding expires.
        let other_peer = allocation.peer_of(now, number).is_some_and(|bound| bound != peer);
        let other_number = allocation.channel_to(now, peer).is_some_and(|bound| bound != number);
        if other_peer || other_number {
            return Outcome::Refused(ErrorCode::BAD_REQUEST);
        }
        let (channels, channel_of) = (&mut allocation.channels, &mut allocation.channel_of);
        if channels.len() >= self.config.max_channels && !channels.contains_key(&number) {
            channels.retain(|_, channel| channel.expires > now);
            channel_of.retain(|_, number| channels.contains_key(number));
            if channels.len() >= self.config.max_channels {
                return Outcome::Refused(ErrorCode::INSUFFICIENT_CAPACITY);
            }
        }
        if !self.permit(now, id, peer.ip()) {
            return Outcome::Refused(ErrorCode::INSUFFICIENT_CAPACITY);
        }
        if let Some(allocation) = self.allocations.get_mut(&id) {
            let channel = Channel { peer, expires: now + LIFETIME };
            if let Some(before) = allocation.channels.insert(number, channel)
                && before.peer != peer
            {
                allocation.channel_of.remove(&before.peer);
            }
            if let Some(before) = allocation.channel_of.insert(peer, number)
                && before != number
            {
                allocation.channels.remove(&before);
            }
        }
        Outcome::Granted(response)
    }
}
