//! The association: one file a procedure.
//!
//! ```text
//!  connect    INIT, INIT ACK, COOKIE ECHO, COOKIE ACK      RFC 9260 §5.1
//!  snap       none of these: signalling told it all        draft-hancke-tsvwg-snap
//!  collision  the same when there is an association        §5.2
//!  cookie     what the passive side does not remember      §5.1.3
//!  stranger   packets that belong to no association        §8.4
//!  input      a packet to its chunks                       §3.2, §8.5
//!  receive    DATA and I-DATA in, messages to the application  §6.2, RFC 8260
//!  acknowledge  SACK out                                   §6.2, §6.7
//!  window     how much may wait to be read                 §6.2
//!  send       messages from the application                §6.1
//!  transmit   chunks to packets                            §6.10
//!  data_out   DATA out                                     §6.1
//!  pace       not all at once                              RFC 9260 §7
//!  sack       SACK in                                      §6.2.1, §7.2
//!  loss       what is lost, and the repair                 §7.2.4, RFC 8985
//!  probe      a probe of the tail                          RFC 8985 §7
//!  retransmit T3                                           §6.3.3
//!  forward    FORWARD TSN, I-FORWARD-TSN, both ways        RFC 3758, 8260
//!  reset      streams anew, our direction                  RFC 6525
//!  reset_in   streams anew, theirs                         RFC 6525
//!  add_streams  more streams, both ways                   RFC 6525
//!  heartbeat  is the path alive?                           §8.3
//!  path_mtu   how large packets may be                     RFC 8899
//!  shutdown   SHUTDOWN, SHUTDOWN ACK, SHUTDOWN COMPLETE    §9.2
//!  abort      ABORT, both ways; the end                    §9.1
//! ```

mod abort;
mod acknowledge;
mod add_streams;
mod collision;
mod connect;
mod cookie;
mod data_out;
mod forward;
mod heartbeat;
mod input;
mod loss;
mod machine;
mod pace;
mod path_mtu;
mod probe;
mod receive;
mod reset;
mod reset_in;
mod retransmit;
mod rto;
mod sack;
mod send;
mod shutdown;
mod snap;
mod state;
mod stranger;
mod timers;
mod transmit;
mod window;

pub use snap::{InitToken, InitTokens};
pub use state::{Association, Counters, Status};
