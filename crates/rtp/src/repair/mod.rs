//! Repair of what was lost: what a sender keeps, and what a receiver asks for.

mod history;
mod missing;

pub use history::History;
pub use missing::{Arrival, Missing};
