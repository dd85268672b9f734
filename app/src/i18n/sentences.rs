//! The texts that are put together from something: a name, a number, a reason.

use call::handset::Notice;
use call::media::CallType;
use call::protocol::{EndReason, Presence};

use super::Lang;
use crate::format::{duration, names};
use crate::page::{AccountChange, PastOutcome};

/// One part after the other.
pub(super) fn join(parts: &[&str]) -> String {
    parts.concat()
}

impl Lang {
    /// What it means to block somebody.
    pub fn what_blocking_does(self, name: &str) -> String {
        match self {
            Self::English => join(&[
                "If you block ",
                name,
                ", they cannot call you or put you into groups, and see you as offline; nobody tells them. In groups that \
                 you share you still meet.",
            ]),
            Self::Chinese => join(&[
                "屏蔽 ",
                name,
                " 后，对方无法呼叫你或将你加入群组，看到你始终离线，也不会得知自己被屏蔽。在共同的群组中你们仍会相遇。",
            ]),
        }
    }

    /// That somebody is blocked, and what that means.
    pub fn is_blocked(self, name: &str) -> String {
        match self {
            Self::English => join(&[
                "You have blocked ",
                name,
                ": they cannot call you or put you into groups, and see you as offline.",
            ]),
            Self::Chinese => join(&[
                "你已屏蔽 ",
                name,
                "：对方无法呼叫你或将你加入群组，看到你始终离线。",
            ]),
        }
    }

    /// That an account was changed.
    pub const fn account_changed(self, change: AccountChange) -> &'static str {
        match (change, self) {
            (AccountChange::Password, Self::English) => {
                "Your password is changed, and you are now signed in only here."
            }
            (AccountChange::Password, Self::Chinese) => "密码已修改，现在只有这里处于登录状态。",
            (AccountChange::SignedOutElsewhere, Self::English) => "You are now signed in only here.",
            (AccountChange::SignedOutElsewhere, Self::Chinese) => "现在只有这里处于登录状态。",
        }
    }

    /// The question before a group is left.
    pub fn leave_group_question(self, name: &str) -> String {
        match self {
            Self::English => join(&[
                "Leave “",
                name,
                "”? To come back, somebody in it has to add you again. If you are the last one, the group is deleted.",
            ]),
            Self::Chinese => join(&[
                "退出“",
                name,
                "”？要再加入，需由其成员添加你。如果你是最后一人，群组将被删除。",
            ]),
        }
    }

    /// The name of the button that enters the running call of a group.
    pub fn join_call_of(self, name: &str) -> String {
        match self {
            Self::English => join(&["Join call of ", name]),
            Self::Chinese => join(&["加入 ", name, " 的通话"]),
        }
    }

    /// Presence in a word.
    pub const fn presence(self, presence: Presence) -> &'static str {
        match presence {
            Presence::Offline => self.offline(),
            Presence::Online => self.online(),
            Presence::InCall => self.in_a_call(),
            Presence::Blocked => self.blocked(),
        }
    }

    /// The name of the button that calls somebody.
    pub fn call_somebody(self, call_type: CallType, name: &str) -> String {
        match (self, call_type) {
            (Self::English, CallType::Audio) => join(&["Voice call with ", name]),
            (Self::English, CallType::Video) => join(&["Video call with ", name]),
            (Self::Chinese, CallType::Audio) => join(&["与 ", name, " 语音通话"]),
            (Self::Chinese, CallType::Video) => join(&["与 ", name, " 视频通话"]),
        }
    }

    /// What is being called by this name, to a person who sees the screen of a call.
    pub fn call_with(self, name: &str) -> String {
        match self {
            Self::English => join(&["Call with ", name]),
            Self::Chinese => join(&["与 ", name, " 通话"]),
        }
    }

    /// That somebody asks for video.
    pub fn asks_for_video(self, name: &str) -> String {
        match self {
            Self::English => join(&[name, " would like to switch to video."]),
            Self::Chinese => join(&[name, " 希望切换到视频通话。"]),
        }
    }

    /// That somebody is being asked for video.
    pub fn is_asked_for_video(self, name: &str) -> String {
        match self {
            Self::English => join(&["Asking ", name, " for video…"]),
            Self::Chinese => join(&["正在请求 ", name, " 打开视频…"]),
        }
    }

    /// Who else is called, below the name of the caller.
    pub fn with_others(self, names: &str) -> String {
        match self {
            Self::English => join(&["with ", names]),
            Self::Chinese => join(&["还有 ", names]),
        }
    }

    /// That somebody calls.
    pub fn is_calling(self, name: &str) -> String {
        match self {
            Self::English => join(&[name, " is calling"]),
            Self::Chinese => join(&[name, " 来电"]),
        }
    }

    /// What came of a call of the past.
    pub const fn past_outcome(self, outcome: PastOutcome) -> &'static str {
        match outcome {
            PastOutcome::Outgoing => self.past_outgoing(),
            PastOutcome::Unanswered => self.past_unanswered(),
            PastOutcome::Incoming => self.past_incoming(),
            PastOutcome::Missed => self.past_missed(),
            PastOutcome::Declined => self.past_declined(),
        }
    }

    /// How long ago something was.
    pub fn ago(self, ms: u64) -> String {
        const MINUTE: u64 = 60_000;
        const HOUR: u64 = 60 * MINUTE;
        const DAY: u64 = 24 * HOUR;
        const TWO_DAYS: u64 = 2 * DAY;
        let (number, english, chinese) = match ms {
            0..MINUTE => return self.just_now().into(),
            MINUTE..HOUR => (ms / MINUTE, " min ago", " 分钟前"),
            HOUR..DAY => (ms / HOUR, " h ago", " 小时前"),
            DAY..TWO_DAYS => (1, " day ago", " 天前"),
            TWO_DAYS.. => (ms / DAY, " days ago", " 天前"),
        };
        let unit = match self {
            Self::English => english,
            Self::Chinese => chinese,
        };
        join(&[&number.to_string(), unit])
    }

    /// Why a call with `name` ended.
    pub fn end_reason(self, reason: EndReason, name: &str) -> String {
        let (english, chinese): (&[&str], &[&str]) = match reason {
            EndReason::HungUp => (&["Call with ", name, " ended"], &["与 ", name, " 的通话已结束"]),
            EndReason::Cancelled => (
                &["You cancelled the call to ", name],
                &["你取消了对 ", name, " 的呼叫"],
            ),
            EndReason::OthersLeft => (&[name, " hung up"], &[name, " 已挂断"]),
            EndReason::Rejected => (&[name, " declined the call"], &[name, " 拒绝了通话"]),
            EndReason::Busy => (&[name, " is in another call"], &[name, " 正在通话中"]),
            EndReason::NoAnswer => (&[name, " did not answer"], &[name, " 没有接听"]),
            EndReason::ConnectionLost => (
                &["The connection with ", name, " was lost"],
                &["与 ", name, " 的连接已断开"],
            ),
            EndReason::MovedElsewhere => (
                &["The call with ", name, " continues on your other device"],
                &["与 ", name, " 的通话已转到你的另一台设备"],
            ),
        };
        join(match self {
            Self::English => english,
            Self::Chinese => chinese,
        })
    }

    /// What a notice says, in one line.
    pub fn notice(self, notice: &Notice) -> String {
        match notice {
            Notice::Ended {
                group: Some(group),
                reason,
                ..
            } => {
                // It is never the group that hangs up.
                let reason = match reason {
                    EndReason::OthersLeft => EndReason::HungUp,
                    other => *other,
                };
                self.end_reason(reason, group.name.as_str())
            }
            Notice::Ended { with, reason, .. } => self.end_reason(*reason, &names(with)),
            Notice::Missed { caller, .. } => match self {
                Self::English => join(&["You missed a call from ", caller.name.as_str()]),
                Self::Chinese => join(&["你错过了 ", caller.name.as_str(), " 的来电"]),
            },
            Notice::HandledElsewhere { caller, accepted } => match (self, accepted) {
                (Self::English, true) => join(&["You answered ", caller.name.as_str(), " on another device"]),
                (Self::English, false) => {
                    join(&["You declined ", caller.name.as_str(), " on another device"])
                }
                (Self::Chinese, true) => join(&["你已在另一台设备上接听 ", caller.name.as_str(), " 的来电"]),
                (Self::Chinese, false) => join(&["你已在另一台设备上拒绝 ", caller.name.as_str(), " 的来电"]),
            },
            Notice::NoVideo { with } => match self {
                Self::English => join(&[&names(with), " did not turn video on. The voice call goes on."]),
                Self::Chinese => join(&[&names(with), " 未打开视频，语音通话继续。"]),
            },
            Notice::Refused(refusal) => self.refusal(refusal),
            Notice::NotConnected => self.not_connected().into(),
        }
    }

    /// How long people talked.
    pub fn talked_for(self, ms: u64) -> String {
        let duration = duration(ms);
        match self {
            Self::English => join(&["Duration ", &duration]),
            Self::Chinese => join(&["通话时长 ", &duration]),
        }
    }

    /// That a call stands.
    pub fn connected_with(self, name: &str) -> String {
        match self {
            Self::English => join(&["Connected with ", name]),
            Self::Chinese => join(&["已与 ", name, " 接通"]),
        }
    }

    /// That somebody's microphone is off.
    pub fn is_muted(self, name: &str) -> String {
        match self {
            Self::English => join(&[name, " is muted"]),
            Self::Chinese => join(&[name, " 已静音"]),
        }
    }

    /// That somebody is being called.
    pub fn calling_somebody(self, name: &str) -> String {
        match self {
            Self::English => join(&["Calling ", name]),
            Self::Chinese => join(&["正在呼叫 ", name]),
        }
    }

    /// That it rings at somebody's.
    pub fn ringing_at(self, name: &str) -> String {
        match self {
            Self::English => join(&["Ringing at ", name]),
            Self::Chinese => join(&[name, " 的设备已响铃"]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ago_is_told_in_the_largest_unit_that_fits() {
        let english = |ms| Lang::English.ago(ms);
        assert_eq!(english(0), "just now");
        assert_eq!(english(59_999), "just now");
        assert_eq!(english(60_000), "1 min ago");
        assert_eq!(english(3_600_000), "1 h ago");
        assert_eq!(english(86_400_000), "1 day ago");
        assert_eq!(english(10 * 86_400_000), "10 days ago");
        assert_eq!(Lang::Chinese.ago(120_000), "2 分钟前");
    }

    #[test]
    fn every_end_has_its_own_sentence() {
        use std::collections::HashSet;
        let reasons = [
            EndReason::HungUp,
            EndReason::Cancelled,
            EndReason::OthersLeft,
            EndReason::Rejected,
            EndReason::Busy,
            EndReason::NoAnswer,
            EndReason::ConnectionLost,
            EndReason::MovedElsewhere,
        ];
        for lang in Lang::ALL {
            let sentences: HashSet<_> = reasons
                .iter()
                .map(|&reason| lang.end_reason(reason, "Bob"))
                .collect();
            assert_eq!(sentences.len(), reasons.len());
            assert!(sentences.iter().all(|sentence| sentence.contains("Bob")));
        }
    }
}
