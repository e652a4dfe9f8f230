//! The page and its parts, compiled into the program.

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

const INDEX: &str = include_str!("page/index.html");

/// Name, media type, content.
const PARTS: &[(&str, &str, &str)] = &[
    ("style.css", "text/css", include_str!("page/style.css")),
    ("icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
    ("chart.js", "text/javascript", include_str!("page/chart.js")),
    ("clock.js", "text/javascript", include_str!("page/clock.js")),
    ("codecs.js", "text/javascript", include_str!("page/codecs.js")),
    ("details.js", "text/javascript", include_str!("page/details.js")),
    ("flow.js", "text/javascript", include_str!("page/flow.js")),
    ("link.js", "text/javascript", include_str!("page/link.js")),
    ("main.js", "text/javascript", include_str!("page/main.js")),
    ("media.js", "text/javascript", include_str!("page/media.js")),
    ("messages.js", "text/javascript", include_str!("page/messages.js")),
    ("picture.js", "text/javascript", include_str!("page/picture.js")),
    ("pulse.js", "text/javascript", include_str!("page/pulse.js")),
    ("sha256.js", "text/javascript", include_str!("page/sha256.js")),
    ("signal.js", "text/javascript", include_str!("page/signal.js")),
    ("source.js", "text/javascript", include_str!("page/source.js")),
    ("studio.js", "text/javascript", include_str!("page/studio.js")),
    ("tone.js", "text/javascript", include_str!("page/tone.js")),
    ("transfer.js", "text/javascript", include_str!("page/transfer.js")),
    ("trickle.js", "text/javascript", include_str!("page/trickle.js")),
    ("words.js", "text/javascript", include_str!("page/words.js")),
];

/// `GET /`
pub(crate) async fn index() -> Response {
    answer("text/html", INDEX)
}

/// `GET /page/{name}`
pub(crate) async fn part(Path(name): Path<String>) -> Response {
    PARTS.iter().find(|(known, ..)| *known == name).map_or_else(
        || StatusCode::NOT_FOUND.into_response(),
        |(_, media_type, content)| answer(media_type, content),
    )
}

fn answer(media_type: &str, content: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, format!("{media_type}; charset=utf-8")),
        // A new build of the program is a new page.
        (header::CACHE_CONTROL, "no-cache".into()),
        (header::CONTENT_SECURITY_POLICY, "default-src 'self'".into()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".into()),
        (header::REFERRER_POLICY, "no-referrer".into()),
    ];
    (headers, content).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_that_the_page_names_is_there() {
        let sources = PARTS.iter().map(|(_, _, content)| *content).chain([INDEX]);
        let named = sources.flat_map(|source| {
            let absolute = source.split("\"/page/").skip(1);
            let relative = source.split("from \"./").skip(1);
            absolute.chain(relative).filter_map(|rest| rest.split('"').next())
        });
        for name in named {
            assert!(PARTS.iter().any(|(known, ..)| *known == name), "{name} is missing");
        }
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        for (name, _, content) in PARTS.iter().chain([&("index.html", "", INDEX)]) {
            let elsewhere = content.replace("http://www.w3.org/2000/svg", "");
            assert!(!elsewhere.contains("http://") && !elsewhere.contains("https://"), "{name}");
        }
    }
}
