//! A server and a client under programs of any bytes. What must hold for every program is asserted
//! after every step.

mod client;
mod server;

pub(crate) use client::exercise as exercise_client;
pub(crate) use server::exercise as exercise_server;

/// The bytes of a program.
pub(crate) struct Program<'p>(&'p [u8]);

impl<'p> Program<'p> {
    /// The next byte, less than `limit`; 0 at the end.
    pub(crate) fn next(&mut self, limit: u8) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first % limit
    }

    /// Up to `length` bytes.
    pub(crate) fn take(&mut self, length: u8) -> &'p [u8] {
        let (taken, rest) = self.0.split_at(usize::from(length).min(self.0.len()));
        self.0 = rest;
        taken
    }

    pub(crate) const fn is_over(&self) -> bool {
        self.0.is_empty()
    }
}
