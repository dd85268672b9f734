//! Yodel's server: sign-in, signaling, storage and the site itself, in one process.
//!
//! A connection is taken in by [`connections`], in [`tls`] or in the clear. A request comes in through [`router`], which lists
//! every path. [`pages`] draws what people see, [`api`] runs the forms' server functions, which ask the [`desk`], and
//! [`signaling`] carries the calls. All of them stand on [`storage`]. [`turn`] relays media for browsers that find no direct way.
//! An operator may let [`apps`] send people, each app in a [`realm`] of its own. [`security`] is around everything, and
//! [`metrics`] count what happens. [`server`] puts it together, starts it and stops it.
//!
//! Errors: what a visitor can do something about is a value of `app::desk` or of `call::protocol`; what an operator can
//! do something about is a [`server::StartError`] that says what to do; what nobody foresaw is logged, and the visitor
//! is told to try again.

pub mod announce;
pub mod api;
pub mod apps;
pub mod assets;
pub mod clock;
pub mod config;
pub mod connections;
pub mod desk;
pub mod hangups;
pub mod metrics;
pub mod pages;
pub mod readiness;
pub mod realm;
pub mod router;
pub mod security;
pub mod server;
pub mod signaling;
pub mod site;
pub mod storage;
pub mod tls;
pub mod turn;
