//! The pages of the site, one a file.
#![expect(unreachable_pub, reason = "the component macro writes a `pub` of its own beside each component")]

mod home;
mod not_found;
mod sign_in;
mod sign_up;
mod unavailable;

pub(crate) use home::HomePage;
pub(crate) use not_found::NotFoundPage;
pub(crate) use sign_in::SignInPage;
pub(crate) use sign_up::SignUpPage;
pub(crate) use unavailable::UnavailablePage;
