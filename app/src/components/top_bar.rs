//! The bar above the contacts.

use call::handset::Command;
use call::id::Person;
use leptos::prelude::*;
use server_fn::ServerFn;

use super::language_switch::LanguageSwitch;
use super::logo::Logo;
use super::{Avatar, Icon, Shape};
use crate::forms::SignOut;
use crate::handset::handset;
use crate::i18n::lang;

/// Whose page it is and the way to their account, the language switch, and the way out.
#[component]
pub(crate) fn TopBar(
    /// Who is signed in.
    me: Person,
    /// The path of the page, for the language switch to come back to.
    #[prop(default = "/")]
    back: &'static str,
) -> impl IntoView {
    let lang = lang();
    let handset = handset();
    let at_id = ["@", me.id.as_str()].concat();
    view! {
        <header class="top-bar">
            <a class="home-link" href="/">
                <Logo />
            </a>
            <a class="me" href="/account" title=lang.your_account()>
                <Avatar person=&me />
                <span class="me-names">
                    <span class="name">{me.name.as_str().to_owned()}</span>
                    <span class="id">{at_id}</span>
                </span>
            </a>
            <LanguageSwitch back />
            <form method="post" action=SignOut::url() on:submit=move |_| handset.send(Command::SignOut)>
                <button type="submit" class="button quiet sign-out">
                    <Icon shape=Shape::Door />
                    <span class="sign-out-text">{lang.sign_out()}</span>
                </button>
            </form>
        </header>
    }
}
