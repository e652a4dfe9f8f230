//! Bounds of the machine.

/// How much others can make it remember and say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Whether the first question of each name asks for an answer by unicast, RFC 6762 §5.4: that
    /// keeps the link quiet, and comes at once even if the answer was multicast a moment ago. Not
    /// where other programs of this host listen on port 5353 too: the system gives a unicast
    /// datagram to one of them only (RFC 6762 §15.1), and the answer would be 250 ms late.
    /// Default: true.
    pub unicast_first: bool,
    /// Names that are asked for at a time. Default: 256.
    pub max_questions: usize,
    /// Names of ours, one an address. Default: 256.
    pub max_offers: usize,
    /// Names of others that were heard of, asked for or not. Beyond that the one that expires first
    /// is forgotten. Default: 256.
    pub max_cached: usize,
    /// Answers by unicast that wait to be pulled; further questions are not answered. Those by
    /// multicast are one for each name and link at most. Default: 64.
    pub max_answers: usize,
    /// Answers by unicast in a second. Those by multicast are one a second for each name and link
    /// (RFC 6762 §6). Default: 100.
    pub max_unicast_answers: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            unicast_first: true,
            max_questions: 256,
            max_offers: 256,
            max_cached: 256,
            max_answers: 64,
            max_unicast_answers: 100,
        }
    }
}
