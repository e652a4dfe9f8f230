//! Stream ids: which are taken, which of ours is next (RFC 8832 §6).

use std::collections::{BTreeSet, HashMap, HashSet};

use foldhash::quality::FixedState;
use sctp::StreamId;

use super::channel::ChannelId;

/// Which stream ids are ours, RFC 8832 §6: even ones if our side is the DTLS client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parity {
    Even,
    Odd,
}

impl Parity {
    pub(super) fn of(stream: StreamId) -> Self {
        if stream.0.is_multiple_of(2) { Self::Even } else { Self::Odd }
    }
}

/// All streams of an association, as channels see them.
#[derive(Debug)]
pub(super) struct Streams {
    taken: HashMap<StreamId, ChannelId, FixedState>,
    /// Streams whose OPEN was refused. What follows it is nobody's, until the other side has reset
    /// the stream.
    refused: HashSet<StreamId, FixedState>,
    parity: Option<Parity>,
    /// Ids from here on do not exist. 65535 never does (RFC 8832 §8.1).
    end: u16,
    /// No id of ours from here on was ever given.
    fresh: u16,
    /// Ids of ours below `fresh` that came free.
    released: BTreeSet<u16>,
}

impl Streams {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            taken: HashMap::with_hasher(FixedState::with_seed(seed)),
            refused: HashSet::with_hasher(FixedState::with_seed(seed)),
            parity: None,
            end: u16::MAX,
            fresh: 0,
            released: BTreeSet::new(),
        }
    }

    /// The DTLS role is known, and with it which ids are ours.
    pub(super) fn set_parity(&mut self, parity: Parity) {
        self.parity = Some(parity);
        self.fresh = if parity == Parity::Even { 0 } else { 1 };
    }

    /// Both sides have agreed on so many streams in each direction (W3C `maxChannels`).
    pub(super) fn set_end(&mut self, end: u16) {
        self.end = end;
    }

    /// Ids that exist.
    pub(super) fn end(&self) -> u16 {
        self.end
    }

    /// Takes the lowest free id of ours. `None`: all are taken, or our parity is not known yet.
    pub(super) fn take_free(&mut self) -> Option<StreamId> {
        self.parity?;
        while let Some(id) = self.released.pop_first() {
            if !self.is_taken(StreamId(id)) {
                return Some(StreamId(id));
            }
        }
        while self.fresh < self.end {
            let id = StreamId(self.fresh);
            self.fresh = self.fresh.saturating_add(2);
            if !self.is_taken(id) {
                return Some(id);
            }
        }
        None
    }

    pub(super) fn take(&mut self, stream: StreamId, id: ChannelId) {
        self.refused.remove(&stream);
        self.taken.insert(stream, id);
    }

    /// The stream has no channel any more.
    pub(super) fn release(&mut self, stream: StreamId) {
        self.taken.remove(&stream);
        if self.parity == Some(Parity::of(stream)) && stream.0 < self.fresh {
            self.released.insert(stream.0);
        }
    }

    /// The other side's OPEN on this stream will not do.
    pub(super) fn refuse(&mut self, stream: StreamId) {
        self.refused.insert(stream);
    }

    /// The other side has reset the stream: what it sends from now on is about something new.
    pub(super) fn forgive(&mut self, stream: StreamId) {
        self.refused.remove(&stream);
    }

    pub(super) fn is_refused(&self, stream: StreamId) -> bool {
        self.refused.contains(&stream)
    }

    /// The other side has forgotten all.
    pub(super) fn restart(&mut self) {
        self.refused.clear();
    }

    /// Whether an id has our parity: those are not the other side's to open.
    pub(super) fn is_ours(&self, stream: StreamId) -> bool {
        self.parity == Some(Parity::of(stream))
    }

    pub(super) fn channel(&self, stream: StreamId) -> Option<ChannelId> {
        self.taken.get(&stream).copied()
    }

    pub(super) fn is_taken(&self, stream: StreamId) -> bool {
        self.taken.contains_key(&stream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn streams(parity: Parity) -> Streams {
        let mut streams = Streams::new(1);
        streams.set_parity(parity);
        streams
    }

    fn take(streams: &mut Streams) -> Option<u16> {
        let stream = streams.take_free()?;
        streams.take(stream, ChannelId(stream.0.into()));
        Some(stream.0)
    }

    #[test]
    fn ids_are_given_lowest_first_and_those_that_came_free_again() {
        let mut streams = streams(Parity::Odd);
        assert_eq!([0; 4].map(|_| take(&mut streams)), [1, 3, 5, 7].map(Some));
        streams.release(StreamId(5));
        streams.release(StreamId(1));
        assert_eq!([0; 3].map(|_| take(&mut streams)), [1, 5, 9].map(Some));
    }

    #[test]
    fn negotiated_ids_are_passed_over_and_serve_later() {
        let mut streams = streams(Parity::Even);
        streams.take(StreamId(2), ChannelId(70));
        assert_eq!([0; 2].map(|_| take(&mut streams)), [0, 4].map(Some));
        streams.release(StreamId(2));
        // Taken as a negotiated id again, before we needed it.
        streams.take(StreamId(2), ChannelId(71));
        assert_eq!(take(&mut streams), Some(6));
        streams.release(StreamId(2));
        assert_eq!(take(&mut streams), Some(2));
    }

    #[test]
    fn every_id_but_65535_is_given_once() {
        for (parity, count, last) in [(Parity::Even, 32_768, 65_534), (Parity::Odd, 32_767, 65_533)]
        {
            let mut streams = streams(parity);
            let all: Vec<u16> = core::iter::from_fn(|| take(&mut streams)).collect();
            assert_eq!((all.len(), all.last()), (count, Some(&last)));
            assert_eq!(streams.take_free(), None);
        }
    }

    #[test]
    fn ids_that_were_not_agreed_on_do_not_exist() {
        let mut streams = streams(Parity::Odd);
        streams.set_end(4);
        assert_eq!([0; 3].map(|_| take(&mut streams)), [Some(1), Some(3), None]);
    }

    #[test]
    fn no_id_is_given_before_the_role_is_known() {
        assert_eq!(Streams::new(1).take_free(), None);
    }
}
