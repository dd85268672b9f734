//! What pages are put together from, one a file.
//!
//! * around a page: `door`, [`top_bar`], [`language_switch`], [`logo`], [`icon`], [`banners`], [`live_region`]
//! * forms and dialogs: `field`, [`dialog`]
//! * people: [`avatar`], [`contact_list`], [`contact_card`], [`people_picker`], [`recent_calls`],
//!   [`notice_card`]
//! * calls: [`invite_dialog`], [`call_screen`], [`call_tile`], [`call_controls`], [`device_menu`], [`call_timer`],
//!   [`video`]
#![expect(
    unreachable_pub,
    reason = "the component macro writes a `pub` of its own beside each component"
)]

mod avatar;
mod banners;
mod call_controls;
mod call_screen;
mod call_tile;
mod call_timer;
#[cfg(feature = "ssr")]
mod choices;
mod contact_card;
mod contact_list;
mod device_menu;
mod dialog;
#[cfg(feature = "ssr")]
mod door;
#[cfg(feature = "ssr")]
mod field;
mod group_list;
mod icon;
mod invite_dialog;
mod language_switch;
mod live_region;
mod logo;
mod notice_card;
mod people_picker;
#[cfg(feature = "ssr")]
mod plain_frame;
mod recent_calls;
mod top_bar;
mod video;

pub(crate) use avatar::Avatar;
pub(crate) use banners::Banners;
pub(crate) use call_screen::CallScreen;
#[cfg(feature = "ssr")]
pub(crate) use choices::Choices;
pub(crate) use contact_list::ContactList;
#[cfg(feature = "ssr")]
pub(crate) use door::Door;
#[cfg(feature = "ssr")]
pub(crate) use field::{Field, FormError};
pub(crate) use group_list::GroupList;
pub(crate) use icon::{Icon, Shape};
pub(crate) use invite_dialog::InviteDialog;
pub(crate) use live_region::LiveRegion;
#[cfg(feature = "ssr")]
pub(crate) use logo::Logo;
pub(crate) use notice_card::NoticeCard;
#[cfg(feature = "ssr")]
pub(crate) use plain_frame::PlainFrame;
pub(crate) use recent_calls::RecentCalls;
pub(crate) use top_bar::TopBar;
