//! Per-stream state, found in two steps and made a page at a time.

use crate::ids::StreamId;

/// Streams of a page: few enough to be cheap when one is used, enough for most peers.
const PAGE: usize = 4;

/// State of up to 65536 streams.
#[derive(Debug)]
pub(crate) struct StreamTable<T> {
    pages: Vec<Option<Box<[T; PAGE]>>>,
}

impl<T> Default for StreamTable<T> {
    fn default() -> Self {
        Self { pages: Vec::new() }
    }
}

impl<T: Default> StreamTable<T> {
    /// The state of a stream, made if need be.
    #[inline]
    pub(crate) fn entry(&mut self, id: StreamId) -> &mut T {
        let (page, slot) = Self::position(id);
        if page >= self.pages.len() {
            self.pages.resize_with(page + 1, || None);
        }
        let page = &mut self.pages[page];
        &mut page.get_or_insert_with(|| Box::new(core::array::from_fn(|_| T::default())))[slot]
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, id: StreamId) -> Option<&mut T> {
        let (page, slot) = Self::position(id);
        Some(&mut self.pages.get_mut(page)?.as_mut()?[slot])
    }

    #[inline]
    pub(crate) fn get(&self, id: StreamId) -> Option<&T> {
        let (page, slot) = Self::position(id);
        Some(&self.pages.get(page)?.as_ref()?[slot])
    }

    /// Those that were made, and their neighbours, in order.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (StreamId, &mut T)> {
        let pages = self.pages.iter_mut().enumerate();
        pages.filter_map(|(i, page)| Some((i, page.as_mut()?))).flat_map(|(i, page)| {
            let id = move |slot| StreamId(u16::try_from(i * PAGE + slot).unwrap_or(u16::MAX));
            page.iter_mut().enumerate().map(move |(slot, state)| (id(slot), state))
        })
    }

    fn position(id: StreamId) -> (usize, usize) {
        let id = usize::from(id.0);
        (id / PAGE, id % PAGE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_made_when_first_used() {
        let mut table = StreamTable::<u8>::default();
        assert!(table.get(StreamId(65_535)).is_none());
        *table.entry(StreamId(65_535)) = 7;
        assert_eq!(table.get(StreamId(65_535)), Some(&7));
        assert_eq!(table.get(StreamId(65_534)), Some(&0));
        assert!(table.get_mut(StreamId(3)).is_none());
        assert_eq!(table.iter_mut().map(|(id, _)| id.0).max(), Some(65_535));
        assert_eq!(table.iter_mut().count(), PAGE);
    }
}
