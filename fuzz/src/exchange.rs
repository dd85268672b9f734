//! Everything together: people, phones, wires and a switchboard, in stories like those of the simulation.

use crate::bytes::Bytes;
use crate::simulation::{Act, PHONES, play};

/// The most that happens in one story.
const ACTS: usize = 60;

/// When all is quiet, everybody agrees.
pub(crate) fn run(bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    let seed = bytes.number().into();
    let mut acts = Vec::new();
    while !bytes.is_empty() && acts.len() < ACTS {
        acts.push(act(&mut bytes));
    }
    play(seed, &acts);
}

fn act(bytes: &mut Bytes<'_>) -> Act {
    let kind = bytes.below(28);
    let phone = bytes.below(PHONES.len());
    match kind {
        0 | 1 => Act::Call {
            from: phone,
            to: (0..=bytes.below(3)).map(|_| bytes.below(PHONES.len())).collect(),
            video: bytes.flag(),
        },
        2 => Act::CallGroup {
            from: phone,
            group: bytes.below(2) as u64,
            to: bytes.flag().then(|| bytes.below(PHONES.len())),
            video: bytes.flag(),
        },
        3 => Act::Join(phone),
        4 => Act::Membership {
            who: phone,
            group: bytes.below(2) as u64,
            joins: bytes.flag(),
        },
        5 => Act::Block {
            by: phone,
            whom: bytes.below(PHONES.len()),
            blocks: bytes.flag(),
        },
        6 => Act::Watch(phone),
        7 => Act::Invite {
            from: phone,
            to: bytes.below(PHONES.len()),
        },
        8..=10 => Act::Accept(phone),
        11 => Act::Reject(phone),
        12 | 13 => Act::Hangup(phone),
        14 => Act::SetMicrophone(phone, bytes.flag()),
        15 => Act::SetCamera(phone, bytes.flag()),
        16 => Act::SwitchToVideo(phone),
        17 => Act::AnswerVideo(phone, bytes.flag()),
        18 => Act::SwitchToAudio(phone),
        19 => Act::TakeOver(phone),
        20 => Act::Cut {
            phone,
            noticed_at_once: bytes.flag(),
            back_ms: bytes.of(&[0, 30, 500, 20_000, 90_000]),
        },
        21 => Act::Reload(phone),
        22 => Act::ReloadExclusively(phone),
        23 => Act::Refuse(phone, bytes.flag()),
        24 | 25 => Act::Repeat {
            phone,
            back: bytes.below(12),
        },
        _ => Act::Pass(u64::from(bytes.next()) * bytes.of(&[1, 1, 10, 200])),
    }
}
