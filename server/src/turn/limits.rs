//! How much of the relay anybody can use.

use std::time::Duration;

/// How long an allocation lasts if it is not refreshed (RFC 8656, section 3.2). Whatever a client asks for, it is this.
pub(super) const LIFETIME: Duration = Duration::from_secs(600);
/// The longest that an allocation lasts however often it is refreshed.
pub(super) const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a permission lasts (RFC 8656, section 9).
pub(super) const PERMISSION: Duration = Duration::from_secs(300);
/// How long a channel lasts (RFC 8656, section 12).
pub(super) const CHANNEL: Duration = Duration::from_secs(600);

/// Allocations of one person. A browser makes two for each link, by UDP and by TCP.
pub(super) const ALLOCATIONS_PER_USER: usize = 12;
/// Allocations of one network: of some hundred people in it, if accounts cost nothing. An office may have no more than one.
pub(super) const ALLOCATIONS_PER_NETWORK: usize = 256;
/// Allocations of everybody.
pub(super) const ALLOCATIONS: usize = 4096;
/// An allocation that was of no use for so long makes room for another one of the same person: it was left behind by a page
/// that was reloaded or closed. A browser says something on each that it still has every few seconds.
pub(super) const IDLE: Duration = Duration::from_secs(30);

/// What one allocation may send: several times the picture and the voice of one person.
pub(super) const BYTES_PER_SECOND: u64 = 1024 * 1024;
/// What all of them together may send.
pub(super) const TOTAL_BYTES_PER_SECOND: u64 = 64 * 1024 * 1024;

/// The longest datagram or frame. What browsers send fits into an Ethernet frame.
pub(super) const FRAME: usize = 4096;
/// Streams that are open, with an allocation or without.
pub(super) const STREAMS: usize = ALLOCATIONS + 1024;
/// Streams from one network.
pub(super) const STREAMS_PER_NETWORK: usize = 256;
/// How long a stream may be without an allocation.
pub(super) const STREAM_PATIENCE: Duration = Duration::from_secs(10);
/// Frames that wait for a stream which is slow to take them. Media that comes too late is of no use.
pub(super) const STREAM_QUEUE: usize = 128;
