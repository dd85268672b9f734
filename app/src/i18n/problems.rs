//! Why something did not come about, and what to do.

use call::id::{DisplayNameError, UserIdError};
use call::media::CaptureError;
use call::protocol::Refusal;

use super::Lang;
use super::sentences::join;
use crate::desk::{AccountProblem, BlockProblem, GroupProblem, SignInProblem, SignUpProblem};

/// Which of one's own devices something is said of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Devices {
    /// The microphone.
    Microphone,
    /// The camera.
    Camera,
    /// Both, for the same reason.
    Both,
}

impl Lang {
    /// What went wrong with a sign-in, and what to do.
    pub fn sign_in_problem(self, problem: &SignInProblem) -> String {
        match (problem, self) {
            (SignInProblem::WrongCredentials, Self::English) => {
                "The user ID or the password is wrong. Check both and try again.".into()
            }
            (SignInProblem::WrongCredentials, Self::Chinese) => "用户 ID 或密码不正确，请检查后重试。".into(),
            (SignInProblem::TooManyTries { retry_after_seconds }, _) => {
                self.too_many_tries(*retry_after_seconds)
            }
            (SignInProblem::Unavailable, _) => self.desk_unavailable().into(),
        }
    }

    /// What went wrong with a sign-up, and what to do.
    pub fn sign_up_problem(self, problem: &SignUpProblem) -> String {
        let text = match (problem, self) {
            (SignUpProblem::UserId(UserIdError::Empty), Self::English) => "Choose a user ID.",
            (SignUpProblem::UserId(UserIdError::Empty), Self::Chinese) => "请填写用户 ID。",
            (SignUpProblem::UserId(UserIdError::TooLong), Self::English) => {
                "This user ID is too long. It may have 32 characters at most."
            }
            (SignUpProblem::UserId(UserIdError::TooLong), Self::Chinese) => "用户 ID 太长，最多 32 个字符。",
            (SignUpProblem::UserId(UserIdError::ForbiddenCharacter), Self::English) => {
                "A user ID is made of the letters a–z and A–Z, digits, “-” and “_” only. Remove everything else."
            }
            (SignUpProblem::UserId(UserIdError::ForbiddenCharacter), Self::Chinese) => {
                "用户 ID 只能包含字母 a–z、A–Z、数字、“-”和“_”，请去掉其他字符。"
            }
            (SignUpProblem::Taken, Self::English) => "This user ID is taken. Choose another one.",
            (SignUpProblem::Taken, Self::Chinese) => "这个用户 ID 已被使用，请换一个。",
            (SignUpProblem::Name(DisplayNameError::Empty), Self::English) => "Tell us your name.",
            (SignUpProblem::Name(DisplayNameError::Empty), Self::Chinese) => "请填写你的名字。",
            (SignUpProblem::Name(DisplayNameError::TooLong), Self::English) => {
                "This name is too long. It may have 64 characters at most."
            }
            (SignUpProblem::Name(DisplayNameError::TooLong), Self::Chinese) => "名字太长，最多 64 个字符。",
            (SignUpProblem::Name(DisplayNameError::ForbiddenCharacter), Self::English) => {
                "This name contains invisible control characters. Type it anew."
            }
            (SignUpProblem::Name(DisplayNameError::ForbiddenCharacter), Self::Chinese) => {
                "名字中含有不可见的控制字符，请重新输入。"
            }
            (SignUpProblem::PasswordTooShort, Self::English) => "The password needs at least 8 characters.",
            (SignUpProblem::PasswordTooShort, Self::Chinese) => "密码至少需要 8 个字符。",
            (SignUpProblem::PasswordTooLong, Self::English) => {
                "The password may have 128 characters at most."
            }
            (SignUpProblem::PasswordTooLong, Self::Chinese) => "密码最多 128 个字符。",
            (SignUpProblem::PasswordTooEasy, Self::English) => {
                "This password is easy to guess. Take a few words that do not belong together."
            }
            (SignUpProblem::PasswordTooEasy, Self::Chinese) => "这个密码很容易被猜到，请用几个互不相关的词。",
            (SignUpProblem::TooManyTries { retry_after_seconds }, _) => {
                return self.too_many_tries(*retry_after_seconds);
            }
            (SignUpProblem::Unavailable, _) => self.desk_unavailable(),
        };
        text.into()
    }

    /// Why an account was not changed, and what to do.
    pub fn account_problem(self, problem: &AccountProblem) -> String {
        let text = match (problem, self) {
            (AccountProblem::SignedOut, _) => self.signed_out(),
            (AccountProblem::WrongPassword, Self::English) => {
                "The current password is wrong. Check it and try again."
            }
            (AccountProblem::WrongPassword, Self::Chinese) => "当前密码不正确，请检查后重试。",
            (AccountProblem::PasswordTooShort, _) => {
                return self.sign_up_problem(&SignUpProblem::PasswordTooShort);
            }
            (AccountProblem::PasswordTooLong, _) => {
                return self.sign_up_problem(&SignUpProblem::PasswordTooLong);
            }
            (AccountProblem::PasswordTooEasy, _) => {
                return self.sign_up_problem(&SignUpProblem::PasswordTooEasy);
            }
            (AccountProblem::TooManyTries { retry_after_seconds }, _) => {
                return self.too_many_tries(*retry_after_seconds);
            }
            (AccountProblem::Unavailable, _) => self.desk_unavailable(),
        };
        text.into()
    }

    /// Why a group was not made or changed, and what to do.
    pub fn group_problem(self, problem: &GroupProblem) -> String {
        let text = match (problem, self) {
            (GroupProblem::SignedOut, _) => self.signed_out(),
            (GroupProblem::Name(DisplayNameError::Empty), Self::English) => "Give the group a name.",
            (GroupProblem::Name(DisplayNameError::Empty), Self::Chinese) => "请为群组取一个名称。",
            (GroupProblem::Name(problem), _) => {
                return self.sign_up_problem(&SignUpProblem::Name(*problem));
            }
            (GroupProblem::NobodyChosen, Self::English) => "Choose at least one person.",
            (GroupProblem::NobodyChosen, Self::Chinese) => "请至少选择一个人。",
            (GroupProblem::UnknownPerson, Self::English) => {
                "Somebody whom you chose is not here any more. Choose again."
            }
            (GroupProblem::UnknownPerson, Self::Chinese) => "所选的人中有人已不存在，请重新选择。",
            (GroupProblem::NoSuchGroup, Self::English) => "You are not in this group.",
            (GroupProblem::NoSuchGroup, Self::Chinese) => "你不在这个群组中。",
            (GroupProblem::TooManyMembers, Self::English) => {
                "A group has 16 people at most, as many as fit into a call. Choose fewer."
            }
            (GroupProblem::TooManyMembers, Self::Chinese) => {
                "群组最多 16 人（与通话人数上限相同），请减少人数。"
            }
            (GroupProblem::InTooManyGroups, Self::English) => {
                "You are in 100 groups already. Leave one of them first."
            }
            (GroupProblem::InTooManyGroups, Self::Chinese) => "你已在 100 个群组中，请先退出其中一个。",
            (GroupProblem::CannotBeAdded { user }, Self::English) => {
                return join(&[
                    "@",
                    user.as_str(),
                    " is in 100 groups already, or does not want to be put into one by you. Go on without them.",
                ]);
            }
            (GroupProblem::CannotBeAdded { user }, Self::Chinese) => {
                return join(&[
                    "@",
                    user.as_str(),
                    " 已在 100 个群组中，或不希望被你加入群组。请去掉对方后继续。",
                ]);
            }
            (GroupProblem::TooManyChanges, _) => self.too_many_changes(),
            (GroupProblem::Unavailable, _) => self.desk_unavailable(),
        };
        text.into()
    }

    /// Why somebody was not blocked, or a block not taken back, and what to do.
    pub const fn block_problem(self, problem: BlockProblem) -> &'static str {
        match (problem, self) {
            (BlockProblem::SignedOut, _) => self.signed_out(),
            (BlockProblem::Oneself, Self::English) => "You cannot block yourself.",
            (BlockProblem::Oneself, Self::Chinese) => "不能屏蔽自己。",
            (BlockProblem::UnknownPerson, Self::English) => "This person is not here any more.",
            (BlockProblem::UnknownPerson, Self::Chinese) => "此人已不存在。",
            (BlockProblem::TooMany, Self::English) => {
                "You have blocked 500 people, as many as one can. Unblock somebody first."
            }
            (BlockProblem::TooMany, Self::Chinese) => "你已屏蔽 500 人，达到上限。请先取消屏蔽其中一人。",
            (BlockProblem::TooManyChanges, _) => self.too_many_changes(),
            (BlockProblem::Unavailable, _) => self.desk_unavailable(),
        }
    }

    const fn too_many_changes(self) -> &'static str {
        match self {
            Self::English => "These are many changes in a short time. Wait a minute and try again.",
            Self::Chinese => "短时间内更改过多，请等一分钟再试。",
        }
    }

    /// Why the server refused, and what to do.
    pub fn refusal(self, refusal: &Refusal) -> String {
        let text = match (refusal, self) {
            (Refusal::UnknownUser { user }, Self::English) => {
                return join(&[
                    "Nobody here has the user ID “",
                    user.as_str(),
                    "” any more. Reload the page.",
                ]);
            }
            (Refusal::UnknownUser { user }, Self::Chinese) => {
                return join(&["用户 ID“", user.as_str(), "”已不存在，请重新加载页面。"]);
            }
            (Refusal::Blocked { user }, Self::English) => {
                return join(&[
                    "You have blocked @",
                    user.as_str(),
                    ". To call them, choose their name and unblock them first.",
                ]);
            }
            (Refusal::Blocked { user }, Self::Chinese) => {
                return join(&[
                    "你已屏蔽 @",
                    user.as_str(),
                    "。要呼叫对方，请先点按其名字取消屏蔽。",
                ]);
            }
            (Refusal::CalledOneself, Self::English) => "You cannot call yourself.",
            (Refusal::CalledOneself, Self::Chinese) => "不能呼叫自己。",
            (Refusal::AlreadyInCall, Self::English) => "You are already in a call. Hang up there first.",
            (Refusal::AlreadyInCall, Self::Chinese) => "你已在通话中，请先挂断。",
            (Refusal::NoSuchGroup, Self::English) => "You are not in this group any more. Reload the page.",
            (Refusal::NoSuchGroup, Self::Chinese) => "你已不在这个群组中，请重新加载页面。",
            (Refusal::NotInGroup { .. }, Self::English) => "They are not in this group. Reload the page.",
            (Refusal::NotInGroup { .. }, Self::Chinese) => "对方不在这个群组中，请重新加载页面。",
            (Refusal::NobodyElseInGroup, Self::English) => {
                "Nobody else is in this group yet. Add somebody first."
            }
            (Refusal::NobodyElseInGroup, Self::Chinese) => "群组中还没有其他人，请先添加成员。",
            (Refusal::GroupCallEnded, Self::English) => "This call has ended. You can call the group again.",
            (Refusal::GroupCallEnded, Self::Chinese) => "该通话已结束，你可以再次呼叫群组。",
            (Refusal::NoSuchInvite, Self::English) => "This call is over already.",
            (Refusal::NoSuchInvite, Self::Chinese) => "该来电已结束。",
            (Refusal::NoSuchCall, Self::English) => "This call is over.",
            (Refusal::NoSuchCall, Self::Chinese) => "该通话已结束。",
            (Refusal::OnAnotherDevice, Self::English) => "This call is on another of your devices.",
            (Refusal::OnAnotherDevice, Self::Chinese) => "该通话正在你的另一台设备上进行。",
            (Refusal::TooManyCalls, Self::English) => {
                "Too many calls in a short time. Wait a moment and try again."
            }
            (Refusal::TooManyCalls, Self::Chinese) => "短时间内呼叫次数过多，请稍后再试。",
            (Refusal::Unavailable, Self::English) => {
                "The server cannot do this right now. Try again in a moment."
            }
            (Refusal::Unavailable, Self::Chinese) => "服务器暂时无法处理，请稍后重试。",
            (Refusal::NothingAsked, Self::English) => "Nobody asks for video any more.",
            (Refusal::NothingAsked, Self::Chinese) => "视频请求已结束。",
            (Refusal::NoSwitchInGroup, Self::English) => "Turn your own camera on or off instead.",
            (Refusal::NoSwitchInGroup, Self::Chinese) => "请直接打开或关闭你的摄像头。",
            (Refusal::InvitedAlready { .. }, Self::English) => "They are in this call already.",
            (Refusal::InvitedAlready { .. }, Self::Chinese) => "对方已在此通话中。",
            (Refusal::CallFull { limit } | Refusal::TooManyInvitees { limit }, Self::English) => {
                return join(&["At most ", &limit.to_string(), " people at once. Choose fewer."]);
            }
            (Refusal::CallFull { limit } | Refusal::TooManyInvitees { limit }, Self::Chinese) => {
                return join(&["一次最多 ", &limit.to_string(), " 人，请减少人数。"]);
            }
            // These cannot come of anything that a person does on this page; they tell of a fault in the page.
            (
                Refusal::NoInvitees
                | Refusal::InvitedTwice { .. }
                | Refusal::NotAnswered
                | Refusal::OfThatTypeAlready
                | Refusal::SignalTooLarge
                | Refusal::MalformedSignal
                | Refusal::TooManyWatched { .. }
                | Refusal::AlreadyGreeted,
                Self::English,
            ) => "The server did not understand this page. Reload it.",
            (
                Refusal::NoInvitees
                | Refusal::InvitedTwice { .. }
                | Refusal::NotAnswered
                | Refusal::OfThatTypeAlready
                | Refusal::SignalTooLarge
                | Refusal::MalformedSignal
                | Refusal::TooManyWatched { .. }
                | Refusal::AlreadyGreeted,
                Self::Chinese,
            ) => "服务器无法识别此页面的请求，请重新加载。",
        };
        text.into()
    }

    /// Why one's own devices do not work, and what to do.
    pub const fn capture_error(self, devices: Devices, error: CaptureError) -> &'static str {
        use CaptureError::{Busy, Failed, Missing, Refused, Unsupported};
        use Devices::{Both, Camera, Microphone};
        match self {
            Self::English => match (error, devices) {
                (Refused, Microphone) => {
                    "The microphone is not allowed. Allow it beside the address bar, then turn it on here."
                }
                (Refused, Camera) => {
                    "The camera is not allowed. Allow it beside the address bar, then turn it on here."
                }
                (Refused, Both) => {
                    "Microphone and camera are not allowed. Allow them beside the address bar, then turn them on here."
                }
                (Missing, Microphone) => "No microphone was found. Plug one in, then turn it on here.",
                (Missing, Camera) => "No camera was found. Plug one in, then turn it on here.",
                (Missing, Both) => {
                    "No microphone and no camera were found. Plug them in, then turn them on here."
                }
                (Busy, Microphone) => {
                    "Another program uses the microphone. Close it there, then turn it on here."
                }
                (Busy, Camera) => "Another program uses the camera. Close it there, then turn it on here.",
                (Busy, Both) => {
                    "Another program uses microphone and camera. Close it, then turn them on here."
                }
                (Unsupported, _) => {
                    "This page may not use microphone and camera. Open it over HTTPS, or in another browser."
                }
                (Failed, Microphone) => "The microphone does not start. Try another one.",
                (Failed, Camera) => "The camera does not start. Try another one.",
                (Failed, Both) => "Microphone and camera do not start. Try others.",
            },
            Self::Chinese => match (error, devices) {
                (Refused, Microphone) => "没有麦克风权限。请在地址栏旁允许使用，然后在这里打开。",
                (Refused, Camera) => "没有摄像头权限。请在地址栏旁允许使用，然后在这里打开。",
                (Refused, Both) => "没有麦克风和摄像头权限。请在地址栏旁允许使用，然后在这里打开。",
                (Missing, Microphone) => "没有找到麦克风。请接入后在这里打开。",
                (Missing, Camera) => "没有找到摄像头。请接入后在这里打开。",
                (Missing, Both) => "没有找到麦克风和摄像头。请接入后在这里打开。",
                (Busy, Microphone) => "麦克风正被其他程序占用。请先关闭该程序，再在这里打开。",
                (Busy, Camera) => "摄像头正被其他程序占用。请先关闭该程序，再在这里打开。",
                (Busy, Both) => "麦克风和摄像头正被其他程序占用。请先关闭该程序，再在这里打开。",
                (Unsupported, _) => "此页面无法使用麦克风和摄像头。请通过 HTTPS 打开，或换一个浏览器。",
                (Failed, Microphone) => "麦克风无法启动，请换一个试试。",
                (Failed, Camera) => "摄像头无法启动，请换一个试试。",
                (Failed, Both) => "麦克风和摄像头无法启动，请换其他设备试试。",
            },
        }
    }

    const fn desk_unavailable(self) -> &'static str {
        match self {
            Self::English => {
                "The server cannot be reached or cannot do this right now. Try again in a moment."
            }
            Self::Chinese => "暂时无法连接服务器或服务器无法处理，请稍后重试。",
        }
    }

    fn too_many_tries(self, seconds: u32) -> String {
        let (number, english, chinese) = match seconds {
            0..=90 => (seconds, " seconds", " 秒"),
            91.. => (seconds.div_ceil(60), " minutes", " 分钟"),
        };
        let number = number.to_string();
        match self {
            Self::English => join(&["Too many tries. Wait ", &number, english, " and try again."]),
            Self::Chinese => join(&["尝试次数过多，请等待 ", &number, chinese, "后重试。"]),
        }
    }
}
