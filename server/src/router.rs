//! Every path of the site, and what stands around it.

use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::routing::{get, post};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::TimeoutLayer;

use crate::assets::sdk;
use crate::connections::body;
use crate::security::{headers, host, https, origin};
use crate::site::Site;
use crate::{api, apps, pages, readiness, signaling};

/// How long a request may take, its body included. A socket lives longer: it is no request any more.
const REQUEST_PATIENCE: Duration = Duration::from_secs(15);

/// The router of a site with these static files, and those of the SDK.
pub fn router(site: Site, files: Router<Site>, sdk_files: Router<Site>) -> Router {
    // For people.
    let pages = Router::new()
        .route("/", get(pages::home))
        .route("/account", get(pages::account))
        .route("/groups/new", get(pages::new_group))
        .route("/groups/{id}", get(pages::group))
        .route("/people/{id}", get(pages::person))
        .route("/sign-in", get(pages::sign_in))
        .route("/sign-up", get(pages::sign_up))
        .fallback(pages::not_found)
        // A page is compressed anew for everybody, so not at the slowest level. (Static files are compressed already.)
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(4)));

    // For the pages' forms and scripts, and for nobody else's.
    let own_pages_only = Router::new()
        .route("/api/user-sig", post(apps::issue::issue))
        .route("/api/{*function}", post(api::run))
        .route("/ws", get(signaling::upgrade))
        .route_layer(from_fn_with_state(site.clone(), origin::require_own_origin));

    // For pages of other sites. (It looks at the Origin itself: a page is told of a refusal by a close code alone.)
    let anybodys_pages = Router::new()
        .route("/sdk/ws", get(signaling::upgrade_by_user_sig))
        .nest(
            "/sdk",
            sdk_files.layer(from_fn_with_state(site.clone(), sdk::dress)),
        );

    // For operators.
    let operators = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(readiness::answer));

    let secured = pages.merge(own_pages_only).merge(anybodys_pages);
    let secured = secured.layer(from_fn_with_state(site.clone(), https::require));

    // For whoever does not trust the certificate yet: in the clear as well.
    let strangers = Router::new()
        .route("/trust", get(pages::trust))
        .route("/trust/authority.crt", get(pages::authority));

    secured
        .merge(strangers)
        .merge(files)
        .layer(from_fn_with_state(site.clone(), host::require_known_host))
        .merge(operators)
        .layer(from_fn(body::read_whole))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            REQUEST_PATIENCE,
        ))
        .layer(map_response(headers::guard))
        .layer(from_fn_with_state(site.clone(), https::insist))
        .with_state(site)
}
