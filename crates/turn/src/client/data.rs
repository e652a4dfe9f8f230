//! What peers send and are sent, wrapped and unwrapped in the caller's buffer, RFC 8656 §11 and
//! §12.4.

use core::net::SocketAddr;

use sansio::{Datagram, Instant, Path, Transmit};
use stun::{AttributeType, Class, Message, MessageBuilder, Method, TransactionId};

use super::channel::Channel;
use super::permission::Permission;
use super::{Client, Discard, Event, Relaying, State};
use crate::attribute::{ChannelNumber, DontFragment, Icmp, XorPeerAddress};
use crate::channel_data;

/// Bytes of an indication in front of its data, without the peer's address: header, the head of
/// XOR-PEER-ADDRESS, the head of DATA.
const INDICATION: usize = 20 + 4 + 4;

/// Data that a peer has sent.
#[derive(Debug, PartialEq, Eq)]
pub struct FromPeer<'d> {
    /// The peer.
    pub peer: SocketAddr,
    /// Its data, where it lay in the datagram.
    pub data: &'d mut [u8],
}

/// How data gets to a peer, from [`Client::way`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    peer: SocketAddr,
    channel: Option<ChannelNumber>,
    dont_fragment: bool,
    head: usize,
}

impl Way {
    /// Bytes to leave free in front of the data.
    pub const fn head(&self) -> usize {
        self.head
    }

    /// Whether it goes in a channel.
    pub const fn is_channel(&self) -> bool {
        self.channel.is_some()
    }
}

/// Why data cannot be wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrapError {
    /// More than a length field can say.
    #[error("{0} bytes in one datagram")]
    TooLong(usize),
    /// The head room is not in the buffer.
    #[error("{had} bytes of buffer, the head alone has {needed}")]
    NoHeadRoom {
        /// Bytes of the head.
        needed: usize,
        /// Bytes there were.
        had: usize,
    },
}

impl Client {
    /// How data gets to this peer; `None` while there is no allocation, or the server does not know
    /// yet that it has moved, or none asked the server to let the peer's address through, or
    /// connections are relayed.
    pub fn way(&self, peer: SocketAddr) -> Option<Way> {
        if !self.has_way() {
            return None;
        }
        let bound = self.channel_of.get(&peer).copied();
        let bound = bound.filter(|number| self.channel(*number).is_some_and(Channel::is_bound));
        if bound.is_some() {
            let head = channel_data::HEADER;
            return Some(Way { peer, channel: bound, dont_fragment: false, head });
        }
        self.indicated(peer, false)
    }

    /// How data gets to this peer in one piece, or not at all: the server sets DF. It is always an
    /// indication, as channels do not know of it (RFC 8656 §12). What is too large for the path comes
    /// back as [`Event::Icmp`], if the server hears of it. `None` as with [`way`](Self::way), or the
    /// server cannot, or [`Config::dont_fragment`](super::Config::dont_fragment) has not asked.
    pub fn whole_way(&self, peer: SocketAddr) -> Option<Way> {
        let possible = self.has_way() && self.dont_fragment;
        possible.then(|| self.indicated(peer, true)).flatten()
    }

    /// Whether datagrams get to any peer at all.
    fn has_way(&self) -> bool {
        let datagrams = self.config.relaying == Relaying::Datagrams;
        self.state == State::Allocated && datagrams && !self.is_moving()
    }

    fn indicated(&self, peer: SocketAddr, dont_fragment: bool) -> Option<Way> {
        match self.permissions.get(&peer.ip())? {
            // The request goes out before the data does, and as a rule arrives before it.
            Permission::Wanted { .. } | Permission::Asked { .. } | Permission::Granted { .. } => {}
            Permission::Refused => return None,
        }
        let address = if peer.is_ipv4() { 8 } else { 20 };
        let flag = if dont_fragment { 4 } else { 0 };
        Some(Way { peer, channel: None, dont_fragment, head: INDICATION + address + flag })
    }

    /// Wraps what lies in `buf` from `at` on: [`Way::head`] bytes of room, then the data, up to the
    /// end. Afterwards it is one datagram for the server; on a stream, and in an indication, it is
    /// filled up to 32 bits.
    ///
    /// # Errors
    ///
    /// The data is too long, or there is no head room. `buf` is as it was.
    pub fn wrap(
        &mut self,
        way: Way,
        buf: &mut Vec<u8>,
        at: usize,
    ) -> Result<Transmit<Path>, WrapError> {
        let had = buf.len().saturating_sub(at);
        let no_room = WrapError::NoHeadRoom { needed: way.head, had };
        let length = had.checked_sub(way.head).ok_or(no_room)?;
        let too_long = WrapError::TooLong(length);
        let padded = match way.channel {
            Some(channel) => {
                let header = channel_data::header(channel, length).ok_or(too_long)?;
                buf[at..at + way.head].copy_from_slice(&header);
                self.path.transport.is_stream()
            }
            None => {
                self.build_indication(way, length).ok_or(too_long)?;
                debug_assert_eq!(self.scratch.len(), way.head);
                buf[at..at + way.head].copy_from_slice(&self.scratch);
                true
            }
        };
        if padded {
            buf.resize(at + had.next_multiple_of(4), 0);
        }
        Ok(Transmit::new(self.path, buf.len() - at))
    }

    /// The head of an indication in front of `length` bytes of data, into `scratch`.
    fn build_indication(&mut self, way: Way, length: usize) -> Option<()> {
        let id = TransactionId::random(&mut *self.rng);
        self.scratch.clear();
        let indication = MessageBuilder::indication(&mut self.scratch, Method::SEND, id)
            .attribute(&XorPeerAddress(way.peer));
        if way.dont_fragment {
            indication.attribute(&DontFragment).raw(AttributeType::DATA, &[]);
        } else {
            indication.raw(AttributeType::DATA, &[]);
        }
        let body = self.scratch.len() - 20 + length.next_multiple_of(4);
        let (body, length) = (u16::try_from(body).ok()?, u16::try_from(length).ok()?);
        self.scratch[2..4].copy_from_slice(&body.to_be_bytes());
        let end = self.scratch.len();
        self.scratch[end - 2..].copy_from_slice(&length.to_be_bytes());
        Some(())
    }

    /// Takes a datagram of the server. What a peer has sent comes out of it; everything else is for
    /// the client itself.
    ///
    /// # Errors
    ///
    /// The datagram was not used.
    pub fn unwrap<'d>(
        &mut self,
        now: Instant,
        input: Datagram<'d, Path>,
    ) -> Result<Option<FromPeer<'d>>, Discard> {
        let Datagram { path, data, .. } = input;
        if self.state == State::Closed {
            return Err(Discard::Closed);
        }
        let joining = self.is_joining(path);
        if path != self.path && !joining {
            return Err(Discard::Path(path));
        }
        if channel_data::is_channel_data(data) && path == self.path {
            return self.channel_data(data).map(Some);
        }
        let message = Message::parse(data)?;
        match (message.class(), message.method()) {
            (Class::SuccessResponse | Class::ErrorResponse, _) => {
                self.answered(now, path, &message)?;
                Ok(None)
            }
            _ if path != self.path => Err(Discard::Path(path)),
            (Class::Indication, Method::CONNECTION_ATTEMPT) => {
                self.attempted(now, &message)?;
                Ok(None)
            }
            (Class::Indication, Method::DATA) => self.indication(data),
            (class, method) => Err(Discard::Unexpected { class, method }),
        }
    }

    fn channel_data<'d>(&self, bytes: &'d mut [u8]) -> Result<FromPeer<'d>, Discard> {
        let (number, data) = channel_data::parse(bytes)?;
        // A peer may have been heard before our server's answer was.
        let channel = self.channel(number).filter(|channel| channel.may_speak());
        let channel = channel.ok_or(Discard::Channel(number))?;
        Ok(FromPeer { peer: channel.peer, data })
    }

    fn indication<'d>(&mut self, bytes: &'d mut [u8]) -> Result<Option<FromPeer<'d>>, Discard> {
        let message = Message::parse(bytes)?;
        let XorPeerAddress(peer) = message.get()?.ok_or(Discard::Incomplete)?;
        if !self.permissions.contains_key(&peer.ip()) {
            return Err(Discard::Peer(peer));
        }
        // Where the value of DATA lies: after the header come heads and padded values.
        let (mut at, mut found) = (20, None);
        for attribute in message.attributes() {
            let start = at + 4;
            if attribute.kind == AttributeType::DATA {
                found = Some(start..start + attribute.value.len());
                break;
            }
            at = start + attribute.value.len().next_multiple_of(4);
        }
        let icmp = message.get::<Icmp>()?;
        match (found, icmp) {
            (Some(range), _) => Ok(bytes.get_mut(range).map(|data| FromPeer { peer, data })),
            (None, Some(error)) => {
                if self.events.len() < self.config.max_events {
                    self.events.push_back(Event::Icmp { peer, error });
                }
                Ok(None)
            }
            (None, None) => Err(Discard::Incomplete),
        }
    }
}
