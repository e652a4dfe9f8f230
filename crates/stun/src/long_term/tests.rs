use core::net::SocketAddr;
use core::time::Duration;

use sansio::Instant;

use super::*;
use crate::attribute::{Nonce, PasswordAlgorithms, Userhash, Username};
use crate::{AttributeType, ErrorCode, Message, MessageBuilder, Method};

const LIFETIME: Duration = Duration::from_secs(600);
const ALL: Features = Features::PASSWORD_ALGORITHMS.with(Features::USERNAME_ANONYMITY);

fn source() -> SocketAddr {
    "192.0.2.1:5000".parse().unwrap()
}

fn server(features: Features) -> Server {
    Server::new("example.org", features, LIFETIME, &mut testkit::SeededRng::new(1)).unwrap()
}

fn client() -> Client {
    Client::new("alice", "wonderland").unwrap()
}

fn lookup(name: Name<'_>) -> Option<Account> {
    let known = match name {
        Name::Plain(name) => name == "alice",
        Name::Hash(hash) => hash == Userhash::new("alice", "example.org"),
    };
    let secret = Secret::Password("wonderland".into());
    known.then(|| Account { username: "alice".into(), secret })
}

fn request(client: &Client) -> Vec<u8> {
    let mut out = Vec::new();
    client.seal(MessageBuilder::request(&mut out, Method::ALLOCATE, [7; 12].into()));
    out
}

/// What the server answers to the client's request, now and from its address.
fn exchange(
    server: &Server,
    client: &Client,
    now: Instant,
) -> (Result<Authenticated, Refusal>, Vec<u8>) {
    let (bytes, mut out) = (request(client), Vec::new());
    let request = Message::parse(&bytes).unwrap();
    let outcome = server.authenticate(now, source(), &request, lookup);
    match &outcome {
        Ok(user) => _ = user.seal(MessageBuilder::success(&mut out, &request)),
        Err(refusal) => _ = server.refuse(now, source(), &request, *refusal, &mut out),
    }
    (outcome, out)
}

#[test]
fn a_challenge_is_answered_in_every_generation_of_the_protocol() {
    // Features of the server; whether the name is hidden, and SHA-256 used.
    let table = [
        (Features::default(), false, false),
        (Features::PASSWORD_ALGORITHMS, false, true),
        (Features::USERNAME_ANONYMITY, true, false),
        (ALL, true, true),
    ];
    for (features, hidden, sha256) in table {
        let (server, mut client, now) = (server(features), client(), Instant::ZERO);
        let (outcome, response) = exchange(&server, &client, now);
        assert_eq!(outcome.unwrap_err(), Refusal::Unauthenticated);
        client.challenge(&Message::parse(&response).unwrap()).unwrap();

        let bytes = request(&client);
        let signed = Message::parse(&bytes).unwrap();
        assert_eq!(signed.get::<Username>().unwrap().is_none(), hidden);
        assert_eq!(signed.get::<Userhash>().unwrap().is_some(), hidden);
        assert_eq!((signed.has_integrity(), signed.has_integrity_sha256()), (!sha256, sha256));

        let (outcome, response) = exchange(&server, &client, now);
        assert_eq!(&*outcome.unwrap().username, "alice");
        assert_eq!(client.check(&Message::parse(&response).unwrap()), Ok(()));
    }
}

#[test]
fn a_nonce_expires_and_the_next_one_is_taken() {
    let (server, mut client, now) = (server(ALL), client(), Instant::ZERO);
    client.challenge(&Message::parse(&exchange(&server, &client, now).1).unwrap()).unwrap();
    assert!(exchange(&server, &client, now).0.is_ok());
    let later = now + LIFETIME;
    let (outcome, response) = exchange(&server, &client, later);
    assert_eq!(outcome.unwrap_err(), Refusal::StaleNonce);
    let stale = Message::parse(&response).unwrap();
    assert_eq!(stale.get(), Ok(Some(ErrorCode::STALE_NONCE.without_reason())));
    client.challenge(&stale).unwrap();
    assert!(exchange(&server, &client, later).0.is_ok());
}

#[test]
fn a_wrong_password_and_an_unknown_name_look_the_same() {
    for (name, password) in [("alice", "guess"), ("bob", "wonderland")] {
        let (server, now) = (server(ALL), Instant::ZERO);
        let mut client = Client::new(name, password).unwrap();
        client.challenge(&Message::parse(&exchange(&server, &client, now).1).unwrap()).unwrap();
        assert_eq!(exchange(&server, &client, now).0.unwrap_err(), Refusal::Unauthenticated);
    }
}

#[test]
fn another_password_takes_the_challenge_over() {
    let (server, now) = (server(ALL), Instant::ZERO);
    let mut client = Client::new("bob", "old").unwrap();
    client.challenge(&Message::parse(&exchange(&server, &client, now).1).unwrap()).unwrap();
    client.replace("alice", "wonderland").unwrap();
    assert!(exchange(&server, &client, now).0.is_ok());
}

/// Takes an attribute away, as somebody on the path could.
fn without(message: &Message<'_>, kind: AttributeType) -> Vec<u8> {
    let mut out = Vec::new();
    let (class, method, id) = (message.class(), message.method(), message.transaction_id());
    message
        .attributes()
        .filter(|attribute| attribute.kind != kind)
        .fold(MessageBuilder::new(&mut out, class, method, id), |builder, attribute| {
            builder.raw(attribute.kind, attribute.value)
        });
    out
}

#[test]
fn the_list_of_algorithms_cannot_be_taken_away() {
    let (server, mut client) = (server(ALL), client());
    let (_, response) = exchange(&server, &client, Instant::ZERO);
    let response = Message::parse(&response).unwrap();
    let weaker = without(&response, AttributeType::PASSWORD_ALGORITHMS);
    let weaker = Message::parse(&weaker).unwrap();
    assert_eq!(weaker.get::<PasswordAlgorithms>(), Ok(None));
    assert_eq!(client.challenge(&weaker), Err(ChallengeError::BidDown));
    assert!(!client.is_challenged());
}

#[test]
fn a_request_that_contradicts_itself_is_bad() {
    let (server, mut client, now) = (server(ALL), client(), Instant::ZERO);
    client.challenge(&Message::parse(&exchange(&server, &client, now).1).unwrap()).unwrap();
    let bytes = request(&client);
    let whole = Message::parse(&bytes).unwrap();
    for kind in [
        AttributeType::USERHASH,
        AttributeType::REALM,
        AttributeType::NONCE,
        AttributeType::PASSWORD_ALGORITHMS,
        AttributeType::PASSWORD_ALGORITHM,
    ] {
        let mut less = without(&whole, kind);
        // Any integrity: it is not looked at before the rest is right.
        less.extend_from_slice(&[0, 0x1c, 0, 32]);
        less.extend_from_slice(&[0; 32]);
        let length = u16::try_from(less.len() - 20).unwrap();
        less[2..4].copy_from_slice(&length.to_be_bytes());
        let less = Message::parse(&less).unwrap();
        let outcome = server.authenticate(now, source(), &less, lookup);
        assert_eq!(outcome.unwrap_err(), Refusal::BadRequest, "{kind}");
    }
}

#[test]
fn a_challenge_needs_realm_and_nonce() {
    let mut out = Vec::new();
    let nonce = Nonce::new(b"nonce").unwrap();
    MessageBuilder::new(&mut out, crate::Class::ErrorResponse, Method::ALLOCATE, [7; 12].into())
        .attribute(&nonce);
    let response = Message::parse(&out).unwrap();
    assert_eq!(client().challenge(&response), Err(ChallengeError::Incomplete));
}
