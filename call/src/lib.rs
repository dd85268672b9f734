//! What a call is: its ids, its wire protocol, and the two machines that run it.
//!
//! The crate is *sans-IO*. It has no async, no clock, no randomness, no browser and no server: time, ids and the network
//! are inputs. So one and the same code runs in the browser and on the server, and its tests move the clock by hand.
//!
//! There is a machine on each side of the wire:
//!
//! * [`agent::Agent`] is one person's phone in one browser tab;
//! * [`switchboard::Switchboard`] is every call that a server knows. It alone decides; agents mirror it.
//!
//! # The run loop
//!
//! Whoever owns a machine drives it in four steps:
//!
//! 1. Something happened (a frame arrived, a person clicked, a socket closed): pass it to `handle(now, input)`. The call
//!    is total: it never panics and never fails. An input that the present phase has no use for is ignored, or answered
//!    with a typed error.
//! 2. Drain `poll_output()` until it returns `None`, and do what each output says, in order.
//! 3. Ask `poll_timeout()` when the machine wants to be woken, and why. Sleep until then, or until step 1 happens again.
//! 4. When the time has come, pass `Input::Tick` to `handle` and go on with step 2.
//!
//! # The rooms
//!
//! * [`id`] – who and what: [`id::UserId`], [`id::CallId`] and the others. Invalid ones cannot be built.
//! * [`protocol`] – what the two sides say: [`protocol::ClientMsg`] and [`protocol::Event`].
//! * [`agent`], [`switchboard`] – the machines.
//! * [`narrator`] – what happened in a call, under the names of the seed API.
//! * [`negotiation`] – W3C perfect negotiation as a machine of its own, one for each pair of people.
//! * [`toggle`] – a camera or a microphone between what was asked for and what is.
//! * [`voice`] – whether somebody speaks, from how loud they are.
//! * [`text`] – texts that are put together of others.
//! * [`handset`] – what a page may ask of a phone, and what it may show of it.

pub mod agent;
pub mod handset;
pub mod id;
pub mod media;
pub mod narrator;
pub mod negotiation;
pub mod protocol;
pub mod switchboard;
pub mod text;
pub mod time;
pub mod toggle;
pub mod voice;
