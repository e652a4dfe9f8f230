//! The one place where the standard library's time and ours meet.

use crate::Instant;

/// Converts `std::time::Instant` to [`Instant`]: one clock for all machines that a shell drives.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    epoch: std::time::Instant,
}

impl Clock {
    /// A clock whose epoch is now.
    pub fn start() -> Self {
        Self { epoch: std::time::Instant::now() }
    }

    /// What it says now.
    pub fn now(&self) -> Instant {
        self.instant(std::time::Instant::now())
    }

    /// A standard instant in this clock's time; [`Instant::ZERO`] for one before its epoch.
    pub fn instant(&self, std: std::time::Instant) -> Instant {
        Instant::ZERO + std.saturating_duration_since(self.epoch)
    }

    /// An instant of this clock in standard time.
    pub fn std(&self, instant: Instant) -> std::time::Instant {
        self.epoch + instant.saturating_since(Instant::ZERO)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::start()
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;

    #[test]
    fn clock_converts_both_ways() {
        let clock = Clock::start();
        let later = clock.now() + Duration::from_secs(3);
        assert_eq!(clock.instant(clock.std(later)), later);
    }
}
