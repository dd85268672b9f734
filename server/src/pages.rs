//! The pages. Each is gathered whole before it is drawn: who asks, what they see, in which language.

use app::forms::ssr::page_after_failure;
use app::i18n::Lang;
use app::page::{Home, Page};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::nonce::use_nonce;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use crate::desk::SignedIn;
use crate::desk::cookie::read_cookie;
use crate::security::headers::{page_policy, socket_origin};
use crate::site::Site;
use crate::storage::StorageError;

/// How many calls of the past the home page lists.
const RECENT_CALLS: u32 = 20;

/// `/`: contacts and calls, for people who have signed in.
pub async fn home(State(site): State<Site>, request: Request) -> Response {
    let page = match site.desk().session(request.headers()).await {
        Ok(Some(SignedIn { session, .. })) => {
            let me = session.person;
            let query = searched_for(request.uri().query().unwrap_or_default());
            gather_home(&site, me, query)
                .await
                .map_or_else(unavailable, Page::Home)
        }
        Ok(None) => return Redirect::to("/sign-in").into_response(),
        Err(error) => unavailable(error),
    };
    draw(&site, page, request).await
}

/// `/sign-in`: for people who have not.
pub async fn sign_in(State(site): State<Site>, request: Request) -> Response {
    let blank = Page::SignIn {
        user_id: String::new(),
        problem: None,
    };
    let failed = after_failure(&request).filter(|page| matches!(page, Page::SignIn { .. }));
    draw_for_strangers(&site, failed.unwrap_or(blank), request).await
}

/// `/sign-up`: for people who are new.
pub async fn sign_up(State(site): State<Site>, request: Request) -> Response {
    let blank = Page::SignUp {
        user_id: String::new(),
        name: String::new(),
        problem: None,
    };
    let failed = after_failure(&request).filter(|page| matches!(page, Page::SignUp { .. }));
    draw_for_strangers(&site, failed.unwrap_or(blank), request).await
}

/// Any other path.
pub async fn not_found(State(site): State<Site>, request: Request) -> Response {
    draw(&site, Page::NotFound, request).await
}

async fn gather_home(site: &Site, me: call::id::Person, query: String) -> Result<Home, StorageError> {
    let storage = site.storage();
    let people = storage.find_people(&me.id, &query).await?;
    let recent = storage.recent_calls(&me.id, RECENT_CALLS).await?;
    Ok(Home {
        me,
        query,
        people,
        recent,
    })
}

/// The search of `/?q=…`.
fn searched_for(query: &str) -> String {
    form_urlencoded::parse(query.as_bytes())
        .find_map(|(key, value)| (key == "q").then(|| value.trim().to_owned()))
        .unwrap_or_default()
}

/// What a form that was sent without JavaScript has left in the query.
fn after_failure(request: &Request) -> Option<Page> {
    page_after_failure(request.uri().query()?)
}

/// Who has signed in has no use for the page and is sent to the start.
async fn draw_for_strangers(site: &Site, page: Page, request: Request) -> Response {
    let page = match site.desk().session(request.headers()).await {
        Ok(Some(_)) => return Redirect::to("/").into_response(),
        Ok(None) => page,
        Err(error) => unavailable(error),
    };
    draw(site, page, request).await
}

fn unavailable(error: StorageError) -> Page {
    tracing::error!(error = &error as &dyn std::error::Error, "cannot gather a page");
    Page::Unavailable
}

async fn draw(site: &Site, page: Page, request: Request) -> Response {
    let status = match page {
        Page::SignIn { .. } | Page::SignUp { .. } | Page::Home(_) => StatusCode::OK,
        Page::NotFound => StatusCode::NOT_FOUND,
        Page::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    };
    let lang = language(request.headers());
    let sockets = socket_origin(site.public_url(), request.headers());
    let assets = site.assets().clone();
    // Leptos makes the nonce while it draws, so the policy that names it is written there too.
    let write_policy = move || {
        let policy = use_nonce().and_then(|nonce| page_policy(&nonce, sockets.as_deref()));
        if let (Some(policy), Some(response)) = (policy, use_context::<ResponseOptions>()) {
            response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
    };
    let draw = leptos_axum::render_app_async_with_context(write_policy, move || {
        app::shell(page.clone(), lang, assets.clone())
    });
    let mut response = draw(request).await;
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.append(header::VARY, HeaderValue::from_static("cookie, accept-language"));
    response
}

fn language(headers: &HeaderMap) -> Lang {
    let wanted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    Lang::negotiate(read_cookie(headers, Lang::COOKIE), wanted)
}
