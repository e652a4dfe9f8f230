//! A refusal: a status and `{"error": reason}`.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

/// Why a request got nothing.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(super) status: StatusCode,
    pub(super) reason: String,
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands errors over by value")]
impl ApiError {
    /// The request makes no sense.
    pub(crate) fn bad_request(reason: impl ToString) -> Self {
        Self { status: StatusCode::BAD_REQUEST, reason: reason.to_string() }
    }

    /// Nothing is there.
    pub(crate) fn not_found(reason: impl ToString) -> Self {
        Self { status: StatusCode::NOT_FOUND, reason: reason.to_string() }
    }

    /// There is no room.
    pub(crate) fn full(reason: impl ToString) -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, reason: reason.to_string() }
    }

    /// Something of ours broke.
    pub(crate) fn ours(reason: impl ToString) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, reason: reason.to_string() }
    }

    pub(crate) fn with_status(status: StatusCode, reason: impl ToString) -> Self {
        Self { status, reason: reason.to_string() }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "error": self.reason }))).into_response()
    }
}
