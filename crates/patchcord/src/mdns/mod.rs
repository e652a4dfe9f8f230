//! Names of multicast DNS: those of the other side are resolved, ours answered for
//! (draft-ietf-mmusic-mdns-ice-candidates). A task of its own has the sockets, so that the chatter of
//! a network wakes no call; it begins with the first name, and lets go of the sockets when nobody
//! needs them.
//!
//! ```text
//!   a connection hears a name ──► Member ── order ──► the task ──► the link
//!   a connection is made ───────► Names: the name of an address, told there
//! ```
//!
//! | file | what |
//! |---|---|
//! | `link` | an interface in one family, and its socket |
//! | `member` | a connection's part |
//! | `names` | what connections and the task share |
//! | `service` | the task |

mod link;
mod member;
mod names;
mod service;

pub(crate) use link::Link;
pub(crate) use member::Member;
pub(crate) use names::Names;
