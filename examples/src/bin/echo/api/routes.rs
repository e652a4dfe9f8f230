//! One function a route.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{
        DefaultBodyLimit, Path, Query, State,
        rejection::{BytesRejection, QueryRejection},
    },
    http::{Method, StatusCode, Uri},
    routing::{delete, get, post},
};
use patchcord::{
    Config, DataChannel, DataChannelInit, Endpoint, Mdns, OfferOptions, PeerConnection,
    SessionDescription,
};
use serde_json::{Value, json};

use super::{
    body::{self, Description, Rest, Wish},
    error::ApiError,
};
use crate::{
    candidates::Candidate,
    media, page,
    peers::Peers,
    reach::Reach,
    report::Report,
    session::{Phase, Session},
};

/// A browser's offer with camera, microphone and all codecs is 8 KB.
const LARGEST_BODY: usize = 256 * 1024;

/// After this time, who asks for candidates is told that there are none yet. Shorter than what
/// proxies and clients have for a request.
const HELD: Duration = Duration::from_secs(10);

/// What every request can reach.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) endpoint: Endpoint,
    pub(crate) reach: Reach,
    /// Peers are told names.
    pub(crate) hide_addresses: bool,
    /// Bytes.
    pub(crate) largest_message: usize,
    pub(crate) peers: Peers,
    pub(crate) report: Report,
}

/// Whether a description has all candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gathering {
    /// It waits for them.
    Complete,
    /// It goes out at once; those that come later go by `/peers/{id}/candidates`.
    Trickle,
}

type Shared = State<Arc<App>>;
type Body = Result<Bytes, BytesRejection>;
type Wished = Result<Query<Wish>, QueryRejection>;

/// All routes.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(page::index))
        .route("/page/{name}", get(page::part))
        .route("/offer", get(make_offer).post(take_offer))
        .route("/trickle", get(make_early_offer).post(take_early_offer))
        .route("/answer/{id}", post(take_answer))
        .route("/peers", get(list))
        .route("/peers/{id}", get(show).delete(hang_up))
        .route("/peers/{id}/candidates", get(tell_candidates).post(take_candidates))
        .route("/peers/{id}/offer", get(restart).post(take_another_offer))
        .route("/peers/{id}/answer", post(take_another_answer))
        .route("/peers/{id}/channels/{label}", delete(close_channel))
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(app)
}

/// `POST /offer`: their offer in, our answer out; both with all candidates.
async fn take_offer(State(app): Shared, body: Body) -> Result<Json<Value>, ApiError> {
    answer(&app, body, Gathering::Complete).await
}

/// `POST /trickle`: the same at once. Candidates go both ways by `/peers/{id}/candidates`.
async fn take_early_offer(State(app): Shared, body: Body) -> Result<Json<Value>, ApiError> {
    answer(&app, body, Gathering::Trickle).await
}

async fn answer(app: &App, body: Body, gathering: Gathering) -> Result<Json<Value>, ApiError> {
    let offer = Description::read(body, "offer")?;
    let pc = app.endpoint.peer_connection(app.config()).map_err(ApiError::ours)?;
    let theirs = SessionDescription::offer(offer.sdp);
    pc.set_remote_description(theirs).await.map_err(ApiError::bad_request)?;
    let channels = open_all(&pc, offer.negotiated.into_iter().map(body::negotiated))?;
    media::accept(&pc).map_err(ApiError::ours)?;
    let answer = pc.create_answer().await.map_err(ApiError::bad_request)?;
    if !body::accepts_something(&answer.sdp) {
        return Err(ApiError::bad_request("the offer has nothing to connect"));
    }
    app.start((pc, answer), channels, Phase::Connecting, gathering).await
}

/// `GET /offer`: our offer out, with all candidates; `POST /answer/{id}` follows.
async fn make_offer(State(app): Shared, wish: Wished) -> Result<Json<Value>, ApiError> {
    offer(&app, wish, Gathering::Complete).await
}

/// `GET /trickle`: the same at once. Candidates go both ways by `/peers/{id}/candidates`.
async fn make_early_offer(State(app): Shared, wish: Wished) -> Result<Json<Value>, ApiError> {
    offer(&app, wish, Gathering::Trickle).await
}

async fn offer(app: &App, wish: Wished, gathering: Gathering) -> Result<Json<Value>, ApiError> {
    let Query(wish) = wish.map_err(|error| ApiError::bad_request(error.body_text()))?;
    let wanted = wish.channels()?;
    let mut config = app.config();
    config.codecs = Some(wish.codecs());
    let pc = app.endpoint.peer_connection(config).map_err(ApiError::ours)?;
    // First the channels: without one, the offer has no section for data.
    let channels = open_all(&pc, wanted)?;
    for kind in wish.media() {
        pc.add_track(kind, &["echo"]).map_err(ApiError::ours)?;
    }
    let offer = pc.create_offer(OfferOptions::default()).await.map_err(ApiError::ours)?;
    app.start((pc, offer), channels, Phase::Offered, gathering).await
}

/// `POST /answer/{id}`: their answer to our offer.
async fn take_answer(
    State(app): Shared,
    Path(id): Path<String>,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let waiting = app.find(&id).ok().filter(|session| session.awaits_answer());
    let session =
        waiting.ok_or_else(|| ApiError::not_found(format!("no offer {id} waits for an answer")))?;
    let answer = Description::read(body, "answer")?;
    session.answer(answer.sdp).await.map_err(ApiError::bad_request)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /peers/{id}/candidates`: a list of theirs that their description does not have.
async fn take_candidates(
    State(app): Shared,
    Path(id): Path<String>,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let session = app.find(&id)?;
    session.add(body::candidates(body)?).await.map_err(ApiError::bad_request)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /peers/{id}/candidates?after=N`: ours that our description does not have, without the first
/// N. Waits while there are none; an empty list: ask again.
async fn tell_candidates(
    State(app): Shared,
    Path(id): Path<String>,
    rest: Result<Query<Rest>, QueryRejection>,
) -> Result<Json<Vec<Candidate>>, ApiError> {
    let Query(rest) = rest.map_err(|error| ApiError::bad_request(error.body_text()))?;
    let session = app.find(&id)?;
    Ok(Json(session.told().after(rest.after, HELD).await))
}

/// `POST /peers/{id}/offer`: a connected peer's next offer in, as for a track that is added or
/// removed; our answer out.
async fn take_another_offer(
    State(app): Shared,
    Path(id): Path<String>,
    body: Body,
) -> Result<Json<Value>, ApiError> {
    let session = app.find(&id)?;
    let offer = Description::read(body, "offer")?;
    let answer = session.take_offer(offer.sdp).await.map_err(ApiError::bad_request)?;
    Ok(Json(json!({ "id": session.id(), "type": answer.kind.to_string(), "sdp": answer.sdp })))
}

/// `GET /peers/{id}/offer`: our next offer to a connected peer, an ICE restart;
/// `POST /peers/{id}/answer` follows.
async fn restart(State(app): Shared, Path(id): Path<String>) -> Result<Json<Value>, ApiError> {
    let session = app.find(&id)?;
    let offer = session.restart().await.map_err(ApiError::bad_request)?;
    Ok(Json(json!({ "id": session.id(), "type": offer.kind.to_string(), "sdp": offer.sdp })))
}

/// `POST /peers/{id}/answer`: a connected peer's answer to our next offer.
async fn take_another_answer(
    State(app): Shared,
    Path(id): Path<String>,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let session = app.find(&id)?;
    let answer = Description::read(body, "answer")?;
    session.take_answer(answer.sdp).await.map_err(ApiError::bad_request)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /peers`: how many there are, and each of them. Offers without an answer are not peers yet.
async fn list(State(app): Shared) -> Json<Value> {
    let (offers, sessions): (Vec<_>, Vec<_>) =
        app.peers.all().into_iter().partition(|session| session.awaits_answer());
    let peers: Vec<_> = sessions.iter().map(|session| session.view()).collect();
    Json(json!({ "count": peers.len(), "offers": offers.len(), "peers": peers }))
}

/// `GET /peers/{id}`
async fn show(State(app): Shared, Path(id): Path<String>) -> Result<Json<Value>, ApiError> {
    let view = app.find(&id)?.view();
    Ok(Json(json!(view)))
}

/// `DELETE /peers/{id}`: hangs up.
async fn hang_up(State(app): Shared, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    app.find(&id)?.end("asked to over HTTP").await;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /peers/{id}/channels/{label}`: closes the channels of that name, and nothing else.
async fn close_channel(
    State(app): Shared,
    Path((id, label)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    match app.find(&id)?.close_channels(&label) {
        0 => Err(ApiError::not_found(format!("peer {id} has no channel {label:?}"))),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}

async fn nothing_here(uri: Uri) -> ApiError {
    ApiError::not_found(format!("nothing is at {}", uri.path()))
}

async fn wrong_method(method: Method, uri: Uri) -> ApiError {
    let reason = format!("{} does not take {method}", uri.path());
    ApiError::with_status(StatusCode::METHOD_NOT_ALLOWED, reason)
}

impl App {
    /// What each connection is told.
    fn config(&self) -> Config {
        let mut config = self.reach.connection();
        config.max_message_size = Some(self.largest_message);
        if self.hide_addresses {
            config.mdns = Mdns::Offer;
        }
        config
    }

    /// Our description goes out, and the peer's life begins.
    async fn start(
        &self,
        (pc, description): (PeerConnection, SessionDescription),
        channels: Vec<DataChannel>,
        phase: Phase,
        gathering: Gathering,
    ) -> Result<Json<Value>, ApiError> {
        pc.set_local_description(description).await.map_err(ApiError::ours)?;
        if gathering == Gathering::Complete {
            pc.gathering_complete().await;
        }
        let ours = pc.local_description();
        let ours = ours.ok_or_else(|| ApiError::ours("the description is gone"))?;
        let session = self.peers.add(|id| Session::new(id, pc, phase)).map_err(ApiError::full)?;
        for channel in channels {
            session.serve(channel);
        }
        let id = session.id();
        tokio::spawn(session.live(self.peers.clone(), self.report.clone()));
        Ok(Json(json!({ "id": id, "type": ours.kind.to_string(), "sdp": ours.sdp })))
    }

    fn find(&self, id: &str) -> Result<Arc<Session>, ApiError> {
        let session = id.parse().ok().and_then(|id| self.peers.get(id));
        session.ok_or_else(|| ApiError::not_found(format!("there is no peer {id}")))
    }
}

fn open_all(
    pc: &PeerConnection,
    wanted: impl IntoIterator<Item = (String, DataChannelInit)>,
) -> Result<Vec<DataChannel>, ApiError> {
    let mut channels = Vec::new();
    for (label, init) in wanted {
        let channel = pc.create_data_channel(&label, init);
        channels.push(channel.map_err(ApiError::bad_request)?);
    }
    Ok(channels)
}
