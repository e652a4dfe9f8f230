//! The agent: a small struct, and its procedures one file each.
//!
//! | file | procedure | RFC |
//! |---|---|---|
//! | `machine` | the struct, its getters, the contract of machines | |
//! | `gather` | local candidates | 8445 §5.1 |
//! | `relays` | relayed candidates | 8656 |
//! | `permissions` | whom relays let in | 8656 §9 |
//! | `recovery` | relays that cannot be reached as they were | 8016, 8656 §7.4 |
//! | `relaying` | datagrams on their way through relays | 8656 §11, §12 |
//! | `streams` | TCP candidates | 6544 |
//! | `remote` | what signalling says of the other side | 8838 |
//! | `remove` | candidates that are no more | |
//! | `checklist` | forming and choosing pairs | 8445 §6.1 |
//! | `room` | pairs beyond the bound | 8445 §6.1.2.5 |
//! | `check` | sending checks | 8445 §7.2 |
//! | `request` | answering checks, triggered checks | 8445 §7.3 |
//! | `lite` | what a lite agent does in place of checks | 8445 §2.5 |
//! | `response` | what an answered check means | 8445 §7.2.5 |
//! | `role` | roles and their conflicts | 8445 §7.3.1.1 |
//! | `nominate` | choosing the pair, and another one | 8445 §8.1.1, draft-thatcher-ice-renomination |
//! | `backup` | other ways, and when to look for them | |
//! | `consent` | consent checks | 7675 |
//! | `settle` | route, state and timers follow from the above | W3C |
//! | `restart` | another generation | 8445 §9 |
//! | `transmit` | what goes out first | 8445 §6.1.4.2 |
//! | `embed` | datagrams of others in checks and responses | draft-hancke-webrtc-sped |
//! | `data` | application data | |
//! | `generation`, `pair`, `slot`, `timer` | what these work on | |

mod backup;
mod check;
mod checklist;
mod consent;
mod data;
mod embed;
mod gather;
mod generation;
mod lite;
mod machine;
mod nominate;
mod pair;
mod permissions;
mod recovery;
mod relaying;
mod relays;
mod remote;
mod remove;
mod request;
mod response;
mod restart;
mod role;
mod room;
mod settle;
mod slot;
mod streams;
mod timer;
mod transmit;

pub use gather::LocalCandidateError;
pub use machine::Agent;
pub(crate) use relaying::Via;
pub use slot::Checksum;
