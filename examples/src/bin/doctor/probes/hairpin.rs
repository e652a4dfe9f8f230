//! Whether what we send to our own public address comes back in (RFC 4787 §6, RFC 5780 §3.4), as it
//! has to for two people behind one router when all they know of each other are public addresses.
//!
//! ```text
//!   X ── Binding ──► server          X is seen at x, Y at y
//!   Y ── Binding ──► server
//!   X ──► y,  Y ──► x                both: so the filter of each knows the other one
//! ```

use std::{io, net::SocketAddr, time::Duration};

use stun::AttributeType;

use crate::{approach::Approach, binding::Asker};

/// How often, and how far apart, they send to each other.
const TRIES: usize = 4;
const PAUSE: Duration = Duration::from_millis(150);

/// `None`: the server did not say what our public addresses are, or they are our own.
pub(crate) async fn look(approach: Approach, server: SocketAddr) -> io::Result<Option<bool>> {
    let (mut x, mut y) = (Asker::bind(approach).await?, Asker::bind(approach).await?);
    let (x_answer, y_answer) = tokio::join!(x.ask(server), y.ask(server));
    let mapped = |asker: &Asker, answer: Option<crate::binding::Answer>| {
        answer?.mapped.filter(|mapped| *mapped != asker.local())
    };
    let (Some(x_mapped), Some(y_mapped)) = (mapped(&x, x_answer), mapped(&y, y_answer)) else {
        return Ok(None);
    };
    let (mut x_sent, mut y_sent) = (Vec::new(), Vec::new());
    let word: (AttributeType, &[u8]) = (AttributeType::SOFTWARE, b"hairpin");
    for _ in 0..TRIES {
        x_sent.push(x.send(y_mapped, word).await);
        y_sent.push(y.send(x_mapped, word).await);
        let (until, and_y) = (x.after(PAUSE), y.after(PAUSE));
        // Who answers our own request is ourselves.
        let heard = tokio::select! {
            Some(_) = x.hear(&y_sent, until) => true,
            Some(_) = y.hear(&x_sent, and_y) => true,
            else => false,
        };
        if heard {
            return Ok(Some(true));
        }
    }
    Ok(Some(false))
}
