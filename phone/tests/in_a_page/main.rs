//! Phones that call one another in one page, with the browser's fake devices, over the real machines.
//!
//! A test that fails leaves its phones and its fakes in the page, because a panic runs no `drop` on wasm32. Its phones, devices and
//! screens are out of the way of the next test; sound that it held back and connections that it noted are not. So it is the first
//! failure that counts.

#![cfg(test)]
#![cfg(target_arch = "wasm32")]

mod calls;
mod devices;
mod mending;
mod page;
mod prepared;
mod socket;
mod sound;
mod views;

use wasm_bindgen_test::wasm_bindgen_test_configure;

wasm_bindgen_test_configure!(run_in_browser);
