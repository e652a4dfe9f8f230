//! SNAP: an association without a set-up of its own, draft-hancke-tsvwg-snap. Signalling has carried
//! the INIT of either side, so both know all that INIT, INIT ACK and the cookie would tell them.
//!
//! ```text
//!   InitToken::new ───── a=sctp-init ──────►  parse
//!            parse ◄──── a=sctp-init ───────  InitToken::new
//!                   … ICE, DTLS …
//!   Established     DATA ----------------->   Established
//! ```

use core::fmt;

use sansio::{Instant, Rng};

use super::connect::{Own, agree, check};
use super::reset::Resets;
use super::state::{Association, Local, MIN_WINDOW, random_tag};
use super::window::ReceiveWindow;
use crate::chunk::{Chunk, Chunks, Init};
use crate::config::Config;
use crate::error::TokenError;
use crate::outgoing::Outstanding;
use crate::serial::Tsn;

/// The INIT chunk of one side, to be told to the other by signalling.
#[derive(Clone, PartialEq, Eq)]
pub struct InitToken {
    chunk: Box<[u8]>,
}

/// The INIT chunks of both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InitTokens<'a> {
    /// What we told the other side.
    pub ours: &'a InitToken,
    /// What it told us.
    pub theirs: &'a InitToken,
}

impl InitToken {
    /// The INIT of an association that will have this `config`, but for the ports and the largest
    /// messages, which INIT does not tell. It is good for one association.
    pub fn new(config: &Config, rng: &mut dyn Rng) -> Self {
        let mut chunk = Vec::new();
        let window = ReceiveWindow::new(config).size().max(MIN_WINDOW);
        let own = Own { tag: random_tag(rng), initial_tsn: Tsn(rng.next_u32()), window };
        own.write_init(config, &mut chunk);
        // Without padding, as browsers have it and the draft's example.
        chunk.truncate(length(&chunk).unwrap_or(chunk.len()));
        Self { chunk: chunk.into() }
    }

    /// Reads what the other side told.
    ///
    /// # Errors
    ///
    /// It is not an INIT chunk, or one that RFC 9260 §3.3.2 forbids.
    pub fn parse(bytes: &[u8]) -> Result<Self, TokenError> {
        let mut chunks = Chunks::new(bytes);
        match (chunks.next().transpose()?, chunks.next()) {
            (Some(Chunk::Init(init)), None) => {
                check(&init).map_err(|(violation, _)| violation)?;
                Ok(Self { chunk: bytes.into() })
            }
            _ => Err(TokenError::NotInit { len: bytes.len() }),
        }
    }

    /// The chunk.
    pub fn as_bytes(&self) -> &[u8] {
        &self.chunk
    }

    fn init(&self) -> Option<Init<'_>> {
        match Chunks::new(&self.chunk).next() {
            Some(Ok(Chunk::Init(init))) => Some(init),
            _ => None,
        }
    }
}

impl fmt::Debug for InitToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.init().fmt(f)
    }
}

impl Association {
    /// An association that stands, since both sides know each other's INIT: messages flow at once.
    /// `config` is the one that our token was made with. The transport below must tell friend from
    /// foe, as DTLS does: nothing has shown that the other side hears us.
    pub fn with_tokens(
        now: Instant,
        config: Config,
        tokens: InitTokens<'_>,
        rng: Box<dyn Rng>,
    ) -> Self {
        let mut this = Self::new(config, rng);
        let (Some(ours), Some(theirs)) = (tokens.ours.init(), tokens.theirs.init()) else {
            // A token is an INIT. If it were not, there would still be the ordinary way.
            debug_assert!(false, "a token is an INIT");
            this.connect(now);
            return this;
        };
        let Init { tag, initial_tsn, .. } = ours;
        this.local = Local { tag, initial_tsn, ..this.local };
        this.outstanding = Outstanding::new(initial_tsn);
        this.resets = Resets::new(initial_tsn);
        this.remote = agree(&this.config, &theirs);
        this.start_receiving();
        this.establish(now);
        this
    }
}

/// The length that a chunk claims.
fn length(chunk: &[u8]) -> Option<usize> {
    let bytes = chunk.get(2..4)?.first_chunk()?;
    Some(usize::from(u16::from_be_bytes(*bytes)))
}
