//! The pages of the site, one a file. All but the home page are plain documents, which the server alone draws.
#![expect(
    unreachable_pub,
    reason = "the component macro writes a `pub` of its own beside each component"
)]

#[cfg(feature = "ssr")]
mod account;
#[cfg(feature = "ssr")]
mod group;
mod home;
#[cfg(feature = "ssr")]
mod new_group;
#[cfg(feature = "ssr")]
mod not_found;
#[cfg(feature = "ssr")]
mod person;
#[cfg(feature = "ssr")]
mod sign_in;
#[cfg(feature = "ssr")]
mod sign_up;
#[cfg(feature = "ssr")]
mod trust;
#[cfg(feature = "ssr")]
mod unavailable;

#[cfg(feature = "ssr")]
pub(crate) use account::AccountPage;
#[cfg(feature = "ssr")]
pub(crate) use group::GroupPage;
pub(crate) use home::HomePage;
#[cfg(feature = "ssr")]
pub(crate) use new_group::NewGroupPage;
#[cfg(feature = "ssr")]
pub(crate) use not_found::NotFoundPage;
#[cfg(feature = "ssr")]
pub(crate) use person::PersonPage;
#[cfg(feature = "ssr")]
pub(crate) use sign_in::SignInPage;
#[cfg(feature = "ssr")]
pub(crate) use sign_up::SignUpPage;
#[cfg(feature = "ssr")]
pub(crate) use trust::TrustPage;
#[cfg(feature = "ssr")]
pub(crate) use unavailable::UnavailablePage;
