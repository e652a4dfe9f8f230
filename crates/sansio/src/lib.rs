//! The vocabulary of Patchcord's machines: time, paths, datagrams, randomness, and the contract
//! that every machine keeps. No logic and no dependency; a type lives here when two crates have
//! it in public signatures.
//!
//! A sans-IO machine has no socket, no clock and no thread. Whoever owns those, the *shell*, tells
//! it what arrived and what time it is, and asks it what to send and when to wake up:
//!
//! ```
//! use patchcord_sansio::{Datagram, Instant, Machine, Transmit};
//!
//! /// Returns every datagram to its sender: the smallest machine there is.
//! #[derive(Default)]
//! struct Echo {
//!     pending: Option<Vec<u8>>,
//! }
//!
//! # #[derive(Debug)] struct Never;
//! # impl core::fmt::Display for Never {
//! #     fn fmt(&self, _: &mut core::fmt::Formatter<'_>) -> core::fmt::Result { Ok(()) }
//! # }
//! # impl core::error::Error for Never {}
//! impl Machine for Echo {
//!     type Path = ();
//!     type Event = ();
//!     type Discard = Never;
//!
//!     fn handle_input(&mut self, _: Instant, input: Datagram<'_, ()>) -> Result<(), Never> {
//!         self.pending = Some(input.data.to_vec());
//!         Ok(())
//!     }
//!     fn handle_timeout(&mut self, _: Instant) {}
//!     fn poll_transmit(&mut self, _: Instant, buf: &mut Vec<u8>) -> Option<Transmit<()>> {
//!         let bytes = self.pending.take()?;
//!         buf.extend_from_slice(&bytes);
//!         Some(Transmit::new((), bytes.len()))
//!     }
//!     fn poll_event(&mut self) -> Option<()> { None }
//!     fn poll_timeout(&self) -> Option<Instant> { None }
//! }
//!
//! let (mut echo, now, mut out) = (Echo::default(), Instant::ZERO, Vec::new());
//! let mut data = *b"ping";
//! echo.handle_input(now, Datagram::new((), now, &mut data))?;
//! assert_eq!(echo.poll_transmit(now, &mut out).map(|t| t.len), Some(4));
//! # Ok::<(), Never>(())
//! ```
//!
//! | module | what |
//! |---|---|
//! | [`machine`] | the [`Machine`] trait, [`Datagram`], [`Transmit`] |
//! | [`path`] | [`Path`], [`Transport`], [`Ecn`] |
//! | [`time`] | [`Instant`]; `Clock`, with the feature `std` (default), makes it of `std::time::Instant` |
//! | [`rng`] | the [`Rng`] trait |
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "std")]
#[expect(clippy::disallowed_types, reason = "it converts the standard library's Instant")]
mod clock;
pub mod machine;
pub mod path;
pub mod rng;
pub mod time;

#[cfg(feature = "std")]
pub use clock::Clock;
pub use machine::{Datagram, Machine, Transmit};
pub use path::{Ecn, Path, Transport};
pub use rng::Rng;
pub use time::Instant;
