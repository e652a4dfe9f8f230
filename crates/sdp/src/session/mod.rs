//! A whole description: the session, then its media.

mod description;
mod lines;
mod parse;
mod section;

pub use description::Session;
pub use section::Section;
