//! Signalling over HTTP: offers, answers, and who is there.

mod body;
mod error;
mod handlers;

pub(crate) use handlers::{App, router};
