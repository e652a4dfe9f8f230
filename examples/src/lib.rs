//! The examples of the README, compiled and run as doctests.
#![doc = include_str!("../../README.md")]
