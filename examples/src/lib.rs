//! What the programs share; and the examples of the README, compiled and run as doctests.
#![cfg_attr(doctest, doc = include_str!("../../README.md"))]

// The package has it under its published name, for the examples of the README.
extern crate patchcord_sansio as sansio;

pub mod random;
