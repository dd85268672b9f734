//! The texts that are always the same.

use super::Lang;

/// Writes a method for every text. Each entry names all languages, or it is no entry.
macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $english:literal, $chinese:literal;)*) => {
        impl Lang {
            $(
                $(#[$doc])*
                pub const fn $name(self) -> &'static str {
                    match self {
                        Self::English => $english,
                        Self::Chinese => $chinese,
                    }
                }
            )*
        }
    };
}

// The site.
texts! {
    /// The name in one line, for search engines and link previews.
    site_description: "Private voice and video calls on your own server.", "在自己的服务器上进行私密的语音和视频通话。";
    /// The headline beside the sign-in form.
    site_promise: "Calls that stay between you.", "只属于你们的通话。";
    /// The sentence below the headline.
    site_promise_more: "Voice and video, encrypted from browser to browser, on a server of your own.", "语音和视频在浏览器之间加密传输，运行在你自己的服务器上。";
    /// The name of the language switch.
    language: "Language", "语言";
    /// Said where calls cannot work.
    needs_javascript: "Calling needs JavaScript. You can see who is here; to call them, please allow scripts for this site.", "通话需要 JavaScript。你可以查看联系人；要与他们通话，请允许本站运行脚本。";
    /// Said when the scripts could not be loaded.
    load_failed: "The page did not load completely, so calls do not work yet.", "页面未能完整加载，暂时无法通话。";
    /// The button or link that loads a page again.
    try_again: "Try again", "重试";
    /// Jumps over the top bar.
    skip_to_content: "Skip to content", "跳到正文";
}

// Signing in and up.
texts! {
    /// Title, heading and button.
    sign_in: "Sign in", "登录";
    /// The heading of the sign-in form.
    sign_in_heading: "Welcome back", "欢迎回来";
    /// Title, heading and button.
    sign_up: "Create account", "创建账户";
    /// The heading of the sign-up form.
    sign_up_heading: "Create your account", "创建你的账户";
    /// The button that ends the session.
    sign_out: "Sign out", "退出登录";
    /// The way from sign-in to sign-up, before the link.
    new_here: "New here?", "第一次来？";
    /// The way from sign-up to sign-in, before the link.
    have_account: "Already have an account?", "已有账户？";
    /// A label.
    user_id: "User ID", "用户 ID";
    /// What a user id is.
    user_id_hint: "Up to 32 letters, digits, “-” or “_”. People find you by it.", "最多 32 个字母、数字、“-”或“_”。别人用它找到你。";
    /// A label.
    display_name: "Your name", "你的名字";
    /// What a name is for.
    display_name_hint: "What others see when you call.", "通话时别人看到的名字。";
    /// A label.
    password: "Password", "密码";
    /// What a password needs.
    password_hint: "At least 8 characters. A few words you remember make a good one.", "至少 8 个字符。几个好记的词就很合适。";
}

// One's own account.
texts! {
    /// Title, heading and link.
    your_account: "Your account", "你的账户";
    /// Heading and button.
    change_password: "Change password", "修改密码";
    /// A label.
    current_password: "Current password", "当前密码";
    /// A label.
    new_password: "New password", "新密码";
    /// Above the button.
    what_a_new_password_does: "This signs you out everywhere else.", "修改后，你在其他地方的登录都会失效。";
    /// What opens the question, and the answer.
    sign_out_elsewhere: "Sign out everywhere else", "退出其他所有登录";
    /// Above the answer.
    what_signing_out_elsewhere_does: "You stay signed in here. In every other browser you have to sign in again, and calls there end.", "你在这里保持登录。在其他浏览器中需要重新登录，那里的通话会结束。";
}

// The home page.
texts! {
    /// The heading of the home page.
    contacts: "Contacts", "联系人";
    /// The label of the search.
    search_people: "Search people", "搜索联系人";
    /// The button of the search, for pages without scripts.
    search: "Search", "搜索";
    /// Said below a list that was cut.
    more_people: "Not everybody is shown here. Type a name and press Enter to search among all.", "这里没有显示所有人。输入名字并按回车，在所有人中搜索。";
    /// The heading of the page when nobody else has an account.
    nobody_yet: "Nobody else is here yet", "这里还没有其他人";
    /// What to do about it.
    nobody_yet_hint: "Share the address of this site. Whoever signs up appears here by itself.", "把本站的地址分享出去。注册的人会自动出现在这里。";
    /// A search without a find.
    nobody_found: "Nobody found", "没有找到";
    /// What to do about it.
    nobody_found_hint: "Check the spelling, or search for a part of the name or user ID.", "请检查拼写，或只输入名字或用户 ID 的一部分。";
    /// The heading of past calls.
    recent_calls: "Recent calls", "最近通话";
    /// Said when there are none.
    no_recent_calls: "Your calls will be listed here.", "你的通话会显示在这里。";
    /// Presence.
    online: "Online", "在线";
    /// Presence.
    offline: "Offline", "离线";
    /// Presence.
    in_a_call: "In a call", "通话中";
    /// In place of presence.
    blocked: "Blocked", "已屏蔽";
    /// A past call.
    past_outgoing: "Outgoing", "已拨出";
    /// A past call.
    past_unanswered: "Not answered", "未接通";
    /// A past call.
    past_incoming: "Incoming", "已接听";
    /// A past call.
    past_missed: "Missed", "未接来电";
    /// A past call.
    past_declined: "Declined", "已拒绝";
    /// How long ago.
    just_now: "just now", "刚刚";
}

// Groups.
texts! {
    /// The heading of the groups on the home page.
    groups: "Groups", "群组";
    /// Said when there are none.
    no_groups: "Make a group of people whom you often call together.", "常一起通话的人可以建成一个群组。";
    /// The link, title and heading.
    new_group: "New group", "新建群组";
    /// A label.
    group_name: "Name of the group", "群组名称";
    /// What the name is for.
    group_name_hint: "Everybody in the group sees it when it is called.", "呼叫群组时，所有成员都会看到。";
    /// The legend of the choice of people.
    who_is_in_it: "Who is in it", "成员";
    /// The button that makes the group.
    create_group: "Create group", "创建群组";
    /// The button that adds those who were chosen.
    add_to_group: "Add to the group", "添加到群组";
    /// The button that gives the group another name.
    rename_group: "Rename", "重命名";
    /// What opens the question.
    leave_group: "Leave group", "退出群组";
    /// The answer.
    leave_group_really: "Yes, leave", "确认退出";
    /// Said of a group without others.
    alone_in_group: "Nobody else yet", "还没有其他成员";
    /// The mark of a group whose call is running.
    call_is_on: "In a call now", "正在通话";
    /// The button that enters it.
    join_call: "Join call", "加入通话";
    /// The same button for a video call: it opens the camera.
    join_with_video: "Join with video", "视频加入";
    /// Said below a list that was cut.
    not_everybody_listed: "Only the first 200 people are listed here.", "这里只列出前 200 人。";
}

// Blocks.
texts! {
    /// The button that keeps somebody away.
    block: "Block", "屏蔽";
    /// The button that takes that back.
    unblock: "Unblock", "取消屏蔽";
}

// Calls.
texts! {
    /// Before a device of the callee has confirmed.
    calling: "Calling…", "正在呼叫…";
    /// After it has.
    ringing: "Ringing…", "对方已响铃…";
    /// On the tile of somebody who was invited.
    has_declined: "Declined", "已拒绝";
    /// On the tile of somebody who was invited.
    is_busy: "In another call", "正在通话中";
    /// On the tile of somebody who was invited.
    no_answer: "No answer", "无人接听";
    /// On the tile of somebody who was invited.
    unknown_here: "No longer here", "已不存在";
    /// On a tile among others, of a link that was lost.
    interrupted: "Reconnecting…", "正在恢复…";
    /// On a tile among others, of a link that cannot be made.
    no_way_through: "No connection", "无法连接";
    /// The button that chooses several people to call.
    group_call: "Group call", "多人通话";
    /// The title of the choice of people for a group call.
    whom_to_call: "Whom do you want to call?", "你想呼叫谁？";
    /// The button in a call that adds people.
    add: "Add", "添加";
    /// Its tooltip, and the title of the choice.
    add_people: "Add people", "添加成员";
    /// The button that rings those who were chosen.
    call_them: "Call", "呼叫";
    /// The button that places a voice call.
    voice_call: "Voice call", "语音通话";
    /// The button that places a video call.
    video_call: "Video call", "视频通话";
    /// The button that changes nothing.
    cancel: "Cancel", "取消";
    /// Said where everybody is in the call already.
    nobody_to_add: "Everybody you know here is in this call.", "你认识的人都已在通话中。";
    /// Below the name of the caller.
    incoming_voice: "Voice call", "语音来电";
    /// Below the name of the caller.
    incoming_video: "Video call", "视频来电";
    /// The button that answers a voice call.
    answer: "Answer", "接听";
    /// The button that answers a video call with the camera on.
    answer_with_video: "Answer with video", "视频接听";
    /// The button that answers a video call with the camera off.
    answer_with_sound: "Answer with sound only", "仅语音接听";
    /// The button that rejects.
    decline: "Decline", "拒绝";
    /// The button that ends a call that nobody has answered.
    cancel_call: "Cancel call", "取消呼叫";
    /// The button that leaves a call.
    hang_up: "Hang up", "挂断";
    /// A switch.
    microphone: "Microphone", "麦克风";
    /// A switch.
    camera: "Camera", "摄像头";
    /// The group of switches.
    call_controls: "Call controls", "通话控制";
    /// The tooltip of a switch that is on.
    turn_microphone_off: "Mute (M)", "静音 (M)";
    /// The tooltip of a switch that is off.
    turn_microphone_on: "Unmute (M)", "取消静音 (M)";
    /// The tooltip of a switch that is on.
    turn_camera_off: "Turn camera off (V)", "关闭摄像头 (V)";
    /// The tooltip of a switch that is off.
    turn_camera_on: "Turn camera on (V)", "打开摄像头 (V)";
    /// The switch of a voice call that asks for video.
    ask_for_video: "Ask for video (V)", "请求视频 (V)";
    /// A button and the title of what it opens.
    devices: "Microphone, camera, speaker", "麦克风、摄像头和扬声器";
    /// The name of a choice.
    speaker: "Speaker", "扬声器";
    /// The name of a choice.
    video_quality: "Video quality", "视频清晰度";
    /// Below the choice of quality.
    from_the_next_call_on: "The quality applies from the next call on.", "清晰度从下次通话起生效。";
    /// In a choice of devices of which none is in use yet.
    chosen_by_the_system: "Chosen by the system", "由系统选择";
    /// In a choice of devices of which there are none.
    none_found: "None found", "未找到";
    /// Below a choice of speakers.
    speaker_refused: "That speaker cannot be used.", "无法使用该扬声器。";
    /// A microphone that is on.
    microphone_dead: "Your microphone gives no sound. Look for a switch on it, or choose another one.", "麦克风没有声音。请检查它的开关，或换一个麦克风。";
    /// The button that closes a dialog.
    close: "Close", "关闭";
    /// The button that makes a video call a voice call.
    voice_only: "Voice only", "仅语音";
    /// The button that agrees to video.
    agree_to_video: "Turn camera on", "打开摄像头";
    /// The button that does not.
    not_now: "Not now", "暂不";
    /// The name of one's own tile.
    you: "You", "你";
    /// Shown on one's own tile.
    camera_off: "Camera off", "摄像头已关";
    /// Shown on a tile.
    muted: "Muted", "已静音";
    /// A link that is being made.
    link_connecting: "Connecting…", "正在连接…";
    /// A link that was lost, and the line to the server with it.
    own_link_interrupted: "Your connection is interrupted. Trying to bring it back…", "你的连接中断，正在恢复…";
    /// A link that was lost, and with it the other side's line to the server.
    their_link_interrupted: "Their connection is interrupted. Trying to bring it back…", "对方的连接中断，正在恢复…";
    /// A link that was lost between two who both reach the server.
    link_interrupted: "The connection between you is interrupted. Trying to bring it back…", "你们之间的连接中断，正在恢复…";
    /// A link that cannot be made.
    link_failed: "No way through was found between the two networks (ICE failed), or the other device is asleep. Try another network, or tell whoever runs this server: a relay (TURN) is missing, or cannot be reached from here. Yodel keeps trying.", "两端的网络之间找不到通路（ICE 失败），或对方的设备已休眠。请换一个网络，或告知服务器管理员：缺少中继服务器（TURN），或从这里无法连接到它。Yodel 会继续尝试。";
    /// Somebody without a microphone or camera of their own still hears.
    you_still_hear: "What the other side sends still reaches you.", "你仍能收到对方的声音和画面。";
}

// Notices and banners.
texts! {
    /// The button that takes a notice away.
    dismiss: "Dismiss", "知道了";
    /// The button below the notice of a call that was.
    call_back: "Call back", "回拨";
    /// The button below the notice of one's own call that failed.
    call_again: "Call again", "再次呼叫";
    /// A notice.
    not_connected: "You are not connected right now. Wait a moment and try again.", "当前没有连接。请稍候再试。";
    /// A banner.
    reconnecting: "The server is out of reach. Reconnecting…", "暂时无法连接服务器，正在重新连接…";
    /// A banner.
    reconnecting_in_call: "The server is out of reach. Your call goes on; reconnecting…", "暂时无法连接服务器，通话不受影响，正在重新连接…";
    /// A banner.
    signed_out: "You are signed out, so nobody can reach you here.", "你已退出登录，别人无法在这里联系你。";
    /// A banner.
    kicked_out: "You signed in somewhere else, so this page takes no calls now.", "你已在别处登录，此页面不再接听来电。";
    /// The button of the banner.
    use_here: "Use this page", "使用此页面";
    /// A banner.
    stopped: "This tab has been replaced by another one, or the site was updated.", "此标签页已被另一个取代，或网站已更新。";
    /// The button of the banner.
    reload: "Reload", "重新加载";
    /// A banner.
    sound_blocked: "Your browser holds back the sound.", "浏览器阻止了声音。";
    /// The button of the banner.
    turn_sound_on: "Turn sound on", "打开声音";
    /// A banner.
    call_elsewhere: "You are in a call on another device.", "你正在另一台设备上通话。";
    /// The button of the banner.
    take_over: "Continue here", "在此继续";
}

// Other pages.
texts! {
    /// A title and heading.
    not_found: "There is no such page", "没有这个页面";
    /// What to do.
    not_found_hint: "The address may be mistyped, or the page is gone.", "地址可能有误，或页面已不存在。";
    /// The way out.
    to_start: "Go to the start", "返回首页";
    /// A title and heading.
    unavailable: "Yodel is not available right now", "Yodel 暂时无法使用";
    /// What to do.
    unavailable_hint: "This does not last long as a rule. Try again in a moment.", "通常很快就会恢复。请稍后再试。";
}
