//! Codecs: what a payload type stands for, which ones are negotiated, and when two are the same.
//!
//! | file | what |
//! |---|---|
//! | `description` | [`Codec`], [`Feedback`] |
//! | `h264` | the profiles and levels of H.264, RFC 6184 §8 |
//! | `matching` | when two codecs are the same, and what an answer makes of an offered one |
//! | `numbers` | payload types and ids of header extensions that stay what they were |
//! | `table` | what is negotiated by default |

mod description;
mod h264;
mod matching;
mod numbers;
mod table;

pub use description::{Codec, Feedback};
pub(crate) use matching::{answered, carries_media};
pub(crate) use numbers::Numbers;
pub use table::HeaderExtensions;
pub(crate) use table::{default_codecs, static_payload_type};
