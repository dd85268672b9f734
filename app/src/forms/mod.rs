//! What a visitor sends to the front desk: the server functions of the site.
//!
//! Each has a fixed endpoint and is the action of a plain `<form method="post">`, so it works before the WASM has loaded
//! and without scripts. A plain form is always answered with a redirect (303): to the start if all went well, or back to
//! the form with the error and what was typed, but for the password, in the query. The script is answered with a status
//! and a typed error.
//!
//! | endpoint | fails with |
//! |---|---|
//! | `/api/sign_in` | [`SignInError`] |
//! | `/api/sign_up` | [`SignUpError`] |
//! | `/api/sign_out` | – |
//! | `/api/create_group`, `/api/rename_group`, `/api/add_members`, `/api/leave_group` | [`GroupError`] |
//! | `/api/block`, `/api/unblock` | [`BlockError`] |
//! | `/api/change_password`, `/api/sign_out_elsewhere` | [`AccountError`] |
//! | `/api/set_language` | – |
#![cfg_attr(
    feature = "ssr",
    expect(
        unreachable_pub,
        reason = "the server macro writes a `pub` function of its own beside each function"
    )
)]

mod account;
mod blocks;
mod groups;
mod set_language;
mod sign_in;
mod sign_out;
mod sign_up;
#[cfg(feature = "ssr")]
pub mod ssr;

pub use account::{AccountError, ChangePassword, SignOutElsewhere, change_password, sign_out_elsewhere};
pub use blocks::{Block, BlockError, Unblock, block, unblock};
pub use groups::{
    AddMembers, CreateGroup, GroupError, LeaveGroup, RenameGroup, add_members, create_group, leave_group,
    rename_group,
};
pub use set_language::{SetLanguage, set_language};
pub use sign_in::{SignIn, SignInError, sign_in};
pub use sign_out::{SignOut, sign_out};
pub use sign_up::{SignUp, SignUpError, sign_up};
