//! Bounds on everything that comes from the other side. Both sides enforce them; going over one is a typed error.

use core::time::Duration;

use crate::media::MediaKind;

/// The longest frame, in bytes.
pub const MESSAGE_BYTES: usize = 64 * 1024;
/// The longest session description, in bytes.
pub const DESCRIPTION_BYTES: usize = 32 * 1024;
/// The most lines that one has. Browsers describe three kinds of media in some 300.
pub const DESCRIPTION_LINES: usize = 1024;
/// The longest line of one, in bytes.
pub const DESCRIPTION_LINE_BYTES: usize = 1024;
/// The most media descriptions in one: one for each kind of media.
pub const MEDIA_SECTIONS: usize = MediaKind::ALL.len();
/// The longest name of a media description, in bytes.
pub const MID_BYTES: usize = 64;
/// The longest ICE candidate line, in bytes.
pub const CANDIDATE_BYTES: usize = 1024;
/// The most ICE candidates that one side of one link may send between two descriptions.
pub const CANDIDATES: usize = 64;
/// Of the numbers of signals, those that this divides are acknowledged.
pub const SIGNALS_PER_ACKNOWLEDGEMENT: u32 = 32;
/// The most that whoever rings somebody may say ahead of the answer, in bytes.
pub const EARLY_BYTES: usize = DESCRIPTION_BYTES + 16 * 1024;
/// The most people that one device may watch for presence.
pub const WATCHED_PEOPLE: usize = 512;
/// The most people that one command may invite.
pub const INVITEES: usize = CALL_PEOPLE - 1;
/// The most people who may be in one call or be rung into it: everybody sends to everybody else.
pub const CALL_PEOPLE: usize = 16;
/// The most groups that one person may be in.
pub const GROUPS: usize = 100;
/// The most people whom one person may have blocked.
pub const BLOCKS: usize = 500;
/// How long an invitation rings when the caller does not say.
pub const DEFAULT_RING: Duration = Duration::from_secs(30);
/// The longest that an invitation may ring.
pub const MAX_RING: Duration = Duration::from_secs(120);
/// The most sockets that one person may have open at a time, in tabs and on devices.
pub const SOCKETS_PER_USER: u32 = 32;
/// Messages a second that one socket may send in the long run.
pub const MESSAGES_PER_SECOND: u32 = 30;
/// Messages that one socket may send at once: whoever joins a full call offers its candidates to everybody in it.
pub const MESSAGE_BURST: u32 = 300;
