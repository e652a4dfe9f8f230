//! The examples of the README, compiled and run as doctests.
#![cfg_attr(doctest, doc = include_str!("../../README.md"))]
