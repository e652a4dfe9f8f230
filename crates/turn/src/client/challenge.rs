//! Credentials: 401, 438 and 441, and their rotation, RFC 8489 §9.2.5 and RFC 8656 §5.

use sansio::Instant;
use stun::Message;

use super::request::Kind;
use super::{Client, CloseReason, Discard, Event};

impl Client {
    /// Answers a challenge, or gives up where the credentials have been refused.
    pub(super) fn challenged(
        &mut self,
        now: Instant,
        index: usize,
        response: &Message<'_>,
        code: u16,
    ) -> Result<(), Discard> {
        let request = &self.requests[index];
        let expected = code == 438 || (code == 401 && !request.sealed);
        if expected && Self::may_be_challenged_again(request) {
            // A challenge that cannot be answered may not be the server's: the request stays open.
            self.credentials.challenge(response)?;
            if let Some(previous) = &mut self.previous {
                previous.challenge(response)?;
            }
            let request = self.requests.remove(index);
            self.ask_again(now, request.kind, request.challenges + 1);
            return Ok(());
        }
        let request = self.requests.remove(index);
        if let Some(previous) = self.previous.take() {
            // RFC 8656 §5: an allocation belongs to the name that made it.
            self.credentials = previous;
            self.events.push_back(Event::CredentialsRejected(code));
            self.ask(now, request.kind);
            return Ok(());
        }
        match request.kind {
            Kind::Release => self.end(CloseReason::Closed),
            Kind::Permit(ips) => self.permissions_refused(now, &ips, Some(code)),
            Kind::Bind(number) => self.channel_refused(number, Some(code)),
            Kind::Connect(peer) => self.connection_refused(peer, Some(code)),
            Kind::Join(id) => self.not_joined(id, Some(code)),
            Kind::Allocate | Kind::Refresh | Kind::Move => {
                self.end(CloseReason::Credentials(code));
            }
        }
        Ok(())
    }
}
