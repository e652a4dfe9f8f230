//! Sound and pictures of a call: packets made here, whose echo is counted.
//!
//! | file | what |
//! |---|---|
//! | `made` | packets that look like Opus and VP8 |
//! | `streams` | both streams of a call: offered, sent, counted |
//! | `tally` | which packets came back, and how |

mod made;
mod streams;
mod tally;

pub(crate) use streams::Media;
