//! The pages. Each is gathered whole before it is drawn: who asks, what they see, in which language.

use std::str::FromStr;

use app::forms::ssr::{account_change, account_failure, block_failure, group_failure, page_after_failure};
use app::i18n::Lang;
use app::page::{Home, Page};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use call::id::{GroupId, Person, UserId};
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

/// What stands in a path for an id. It may be no text at all.
type PathId = Result<Path<String>, PathRejection>;

/// The id in a path, if it is one.
fn read_id<T: FromStr>(id: PathId) -> Option<T> {
    id.ok().and_then(|Path(id)| id.parse().ok())
}

/// `/`: contacts and calls, for people who have signed in.
pub async fn home(State(site): State<Site>, request: Request) -> Response {
    draw_for(&site, request, |site, me, query| async move {
        let query = searched_for(query.as_deref().unwrap_or_default());
        gather_home(&site, me, query).await.map(Page::Home)
    })
    .await
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

/// `/groups/new`: for people who have signed in.
pub async fn new_group(State(site): State<Site>, request: Request) -> Response {
    draw_for(&site, request, |site, me, query| async move {
        let people = site.storage().find_people(&me.id, "").await?;
        let failed = query.as_deref().and_then(group_failure);
        Ok(Page::NewGroup { me, people, failed })
    })
    .await
}

/// `/groups/{id}`: for those who are in the group. For anybody else there is no such page.
pub async fn group(State(site): State<Site>, id: PathId, request: Request) -> Response {
    draw_for(&site, request, |site, me, query| async move {
        let roster = match read_id::<GroupId>(id) {
            Some(id) => site.storage().roster(id).await?,
            None => None,
        };
        let Some(roster) = roster.filter(|roster| roster.has(&me.id)) else {
            return Ok(Page::NotFound);
        };
        let mut people = site.storage().find_people(&me.id, "").await?;
        people.found.retain(|person| !roster.has(&person.id));
        let failed = query.as_deref().and_then(group_failure);
        let failed = failed.filter(|failed| failed.group == Some(roster.group.id));
        Ok(Page::Group {
            me,
            roster,
            people,
            failed,
        })
    })
    .await
}

/// `/people/{id}`: for people who have signed in.
pub async fn person(State(site): State<Site>, id: PathId, request: Request) -> Response {
    draw_for(&site, request, |site, me, query| async move {
        let person = match read_id::<UserId>(id) {
            Some(id) => site.storage().person(&id).await?,
            None => None,
        };
        let Some(person) = person else {
            return Ok(Page::NotFound);
        };
        let blocked = site.storage().blocked_by(&me.id).await?.contains(&person.id);
        let problem = query
            .as_deref()
            .and_then(|query| block_failure(query, &person.id));
        Ok(Page::Person {
            me,
            person,
            blocked,
            problem,
        })
    })
    .await
}

/// `/trust`: for devices that do not trust the server's own authority yet. Where it has none there is no such page.
pub async fn trust(State(site): State<Site>, request: Request) -> Response {
    let page = match site.authority() {
        Some(authority) => Page::Trust {
            fingerprint: authority.fingerprint,
        },
        None => Page::NotFound,
    };
    // Here a language is asked for by a link: whoever comes in the clear can send no form.
    let asked_for = request.uri().query().and_then(asked_language);
    let lang = asked_for.unwrap_or_else(|| language(request.headers()));
    draw_in(lang, &site, page, request).await
}

/// `/trust/authority.crt`
pub async fn authority(State(site): State<Site>, request: Request) -> Response {
    match site.authority() {
        Some(authority) => {
            let headers = [
                (header::CONTENT_TYPE, "application/x-x509-ca-cert"),
                (
                    header::CONTENT_DISPOSITION,
                    "attachment; filename=\"authority.crt\"",
                ),
                (header::CACHE_CONTROL, "no-store"),
            ];
            (headers, authority.pem).into_response()
        }
        None => draw(&site, Page::NotFound, request).await,
    }
}

/// `/account`: for people who have signed in.
pub async fn account(State(site): State<Site>, request: Request) -> Response {
    draw_for(&site, request, |_, me, query| async move {
        Ok(Page::Account {
            me,
            done: query.as_deref().and_then(account_change),
            failed: query.as_deref().and_then(account_failure),
        })
    })
    .await
}

/// Any other path.
pub async fn not_found(State(site): State<Site>, request: Request) -> Response {
    draw(&site, Page::NotFound, request).await
}

async fn gather_home(site: &Site, me: Person, query: String) -> Result<Home, StorageError> {
    let storage = site.storage();
    let people = storage.find_people(&me.id, &query).await?;
    let groups = storage.groups_of(&me.id).await?;
    let recent = storage.recent_calls(&me.id, RECENT_CALLS).await?;
    Ok(Home {
        me,
        query,
        people,
        groups,
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

/// A page for people who have signed in, gathered from who they are and from the query; others are sent to sign in.
async fn draw_for<Gathered>(
    site: &Site,
    request: Request,
    gather: impl FnOnce(Site, Person, Option<String>) -> Gathered,
) -> Response
where
    Gathered: Future<Output = Result<Page, StorageError>>,
{
    let page = match site.desk().session(request.headers()).await {
        Ok(Some(SignedIn { session, .. })) => {
            let query = request.uri().query().map(str::to_owned);
            gather(site.clone(), session.person, query)
                .await
                .unwrap_or_else(unavailable)
        }
        Ok(None) => return Redirect::to("/sign-in").into_response(),
        Err(error) => unavailable(error),
    };
    draw(site, page, request).await
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
    draw_in(language(request.headers()), site, page, request).await
}

async fn draw_in(lang: Lang, site: &Site, page: Page, request: Request) -> Response {
    let status = match page {
        Page::SignIn { .. }
        | Page::SignUp { .. }
        | Page::Home(_)
        | Page::NewGroup { .. }
        | Page::Group { .. }
        | Page::Person { .. }
        | Page::Account { .. }
        | Page::Trust { .. } => StatusCode::OK,
        Page::NotFound => StatusCode::NOT_FOUND,
        Page::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    };
    let sockets = socket_origin(site.allowed_origin(), request.headers());
    let assets = site.assets().clone();
    // Leptos makes the nonce while it draws, so the policy that names it is written there too.
    let write_policy = move || {
        let policy = use_nonce().and_then(|nonce| page_policy(Some(&nonce), sockets.as_deref()));
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

/// The language of `/trust?lang=…`.
fn asked_language(query: &str) -> Option<Lang> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find_map(|(key, value)| Lang::from_code(&value).filter(|_| key == "lang"))
}

fn language(headers: &HeaderMap) -> Lang {
    let wanted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    Lang::negotiate(read_cookie(headers, Lang::COOKIE), wanted)
}
