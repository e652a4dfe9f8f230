//! The streams of the other side, by SSRC.

use std::collections::HashMap;

use foldhash::quality::FixedState;
use rtp::Ssrc;
use sansio::{Instant, Rng};

use super::stream::{Role, Stream};
use crate::media::RemoteSource;

/// A table whose keys the other side chooses: the hash has a seed, and the number is bounded.
#[derive(Debug)]
pub(super) struct Streams {
    list: Vec<Stream>,
    by_ssrc: HashMap<Ssrc, usize, FixedState>,
    /// Where the last packet belonged.
    last: usize,
}

impl Streams {
    pub(super) fn new(rng: &mut dyn Rng) -> Self {
        let by_ssrc = HashMap::with_hasher(FixedState::with_seed(rng.next_u64()));
        Self { list: Vec::new(), by_ssrc, last: 0 }
    }

    pub(super) fn find(&mut self, ssrc: Ssrc) -> Option<usize> {
        if self.list.get(self.last).is_some_and(|stream| stream.ssrc == ssrc) {
            return Some(self.last);
        }
        self.last = *self.by_ssrc.get(&ssrc)?;
        Some(self.last)
    }

    pub(super) fn index(&self, ssrc: Ssrc) -> Option<usize> {
        self.by_ssrc.get(&ssrc).copied()
    }

    pub(super) fn get(&self, index: usize) -> Option<&Stream> {
        self.list.get(index)
    }

    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut Stream> {
        self.list.get_mut(index)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Stream> {
        self.list.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Stream> {
        self.list.iter_mut()
    }

    /// Adds a stream. At the bound it takes the place of the one that has been silent longest, if
    /// that was silent for long; else `None`.
    pub(super) fn insert(&mut self, now: Instant, stream: Stream, bound: usize) -> Option<usize> {
        if self.list.len() >= bound {
            let (index, oldest) =
                self.list.iter().enumerate().min_by_key(|(_, stream)| stream.last_received)?;
            if now.saturating_since(oldest.last_received) < Self::SILENT {
                return None;
            }
            self.remove(index);
        }
        self.by_ssrc.insert(stream.ssrc, self.list.len());
        self.list.push(stream);
        Some(self.list.len() - 1)
    }

    const SILENT: core::time::Duration = core::time::Duration::from_secs(5);

    /// Takes over what a description announces for a section: streams that are there stay as they
    /// are, those that were announced before and are not any more go.
    pub(super) fn announce(&mut self, section: usize, sources: &[RemoteSource]) {
        self.retain(|stream| {
            let known = sources.iter().any(|s| s.ssrc == stream.ssrc || s.rtx == Some(stream.ssrc));
            stream.section != section || !stream.announced || known
        });
        for source in sources {
            self.announce_one(section, source.ssrc, Role::Media);
            if let Some(rtx) = source.rtx {
                self.announce_one(section, rtx, Role::Repair(Some(source.ssrc)));
            }
        }
    }

    /// The section is gone.
    pub(super) fn forget(&mut self, section: usize) {
        self.retain(|stream| stream.section != section);
    }

    fn announce_one(&mut self, section: usize, ssrc: Ssrc, role: Role) {
        let index = match self.by_ssrc.get(&ssrc) {
            Some(index) => *index,
            None => {
                self.by_ssrc.insert(ssrc, self.list.len());
                self.list.push(Stream::new(ssrc, section, role));
                self.list.len() - 1
            }
        };
        if let Some(stream) = self.list.get_mut(index) {
            (stream.section, stream.role, stream.announced) = (section, role, true);
        }
    }

    fn retain(&mut self, keep: impl Fn(&Stream) -> bool) {
        let mut index = 0;
        while let Some(stream) = self.list.get(index) {
            if keep(stream) {
                index += 1;
            } else {
                self.remove(index);
            }
        }
    }

    fn remove(&mut self, index: usize) {
        let gone = self.list.swap_remove(index);
        self.by_ssrc.remove(&gone.ssrc);
        if let Some(moved) = self.list.get(index) {
            self.by_ssrc.insert(moved.ssrc, index);
        }
    }
}
