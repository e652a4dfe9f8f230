//! Stories of two ends with one key, told through the public interface.
#![cfg(test)]

mod exchange;
mod hostile;
mod rollover;
mod support;
