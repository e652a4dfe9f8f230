//! A counting allocator: how often the heap is asked for memory, and how much is in use.
#![expect(unsafe_code, reason = "GlobalAlloc is an unsafe trait; every call goes on to System")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};

/// Off while time is measured, so that who allocates a lot does not pay for the counting.
static COUNTING: AtomicBool = AtomicBool::new(false);
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
/// Bytes asked for less bytes given back, in all threads, since the counting began.
pub(crate) static GROWTH: AtomicI64 = AtomicI64::new(0);

#[global_allocator]
static GLOBAL: Counting = Counting;

/// Begins to count, from zero.
pub(crate) fn start_counting() {
    ALLOCATIONS.store(0, Relaxed);
    GROWTH.store(0, Relaxed);
    COUNTING.store(true, Relaxed);
}

/// Allocations and reallocations since the start, in all threads.
pub(crate) fn stop_counting() -> u64 {
    COUNTING.store(false, Relaxed);
    ALLOCATIONS.load(Relaxed)
}

struct Counting;

impl Counting {
    fn note(bytes: usize) {
        if COUNTING.load(Relaxed) {
            ALLOCATIONS.fetch_add(1, Relaxed);
            GROWTH.fetch_add(bytes as i64, Relaxed);
        }
    }

    fn give_back(bytes: usize) {
        if COUNTING.load(Relaxed) {
            GROWTH.fetch_sub(bytes as i64, Relaxed);
        }
    }
}

// SAFETY: as System, to which every call is passed on unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::note(layout.size());
        // SAFETY: the caller's promises are System's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::note(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::note(size);
        Self::give_back(layout.size());
        // SAFETY: as above.
        unsafe { System.realloc(ptr, layout, size) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        Self::give_back(layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn counts_while_it_is_asked_to() {
        use super::{start_counting, stop_counting};
        start_counting();
        let boxes = [1, 2, 3].map(std::hint::black_box).map(Box::new);
        let counted = stop_counting();
        assert!(counted >= 3, "{counted}");
        drop(boxes.map(|b| b.to_string()));
        assert_eq!(stop_counting(), counted);
    }
}
