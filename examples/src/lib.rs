//! What the programs share; and the examples of the README, compiled and run as doctests.
#![cfg_attr(doctest, doc = include_str!("../../README.md"))]

mod stop;

pub use stop::stop_requested;
