//! How a device is told to trust the authority of a local network. On the server alone.

use super::Lang;

/// What has to be done on one kind of system.
#[derive(Clone, Copy, Debug)]
pub struct System {
    /// What people call it.
    pub name: &'static str,
    /// One after the other.
    pub steps: &'static [&'static str],
}

impl Lang {
    /// A title and heading.
    pub const fn trust(self) -> &'static str {
        match self {
            Self::English => "Trust this server",
            Self::Chinese => "信任此服务器",
        }
    }

    /// What it is for.
    pub const fn trust_why(self) -> &'static str {
        match self {
            Self::English => {
                "Browsers warn about this server, because it is on a local network and its certificate comes from an authority of its \
                 own. Tell this device once to trust that authority, and calls work without a warning. The authority can vouch \
                 for this server and for addresses of local networks, and for nothing on the internet."
            }
            Self::Chinese => {
                "此服务器位于本地网络，证书由它自己的颁发机构签发，因此浏览器会发出警告。只需让这台设备信任该颁发机构一次，即可正常通话，\
                 不再出现警告。该颁发机构只能为此服务器和本地网络地址作担保，不能为互联网上的任何网站作担保。"
            }
        }
    }

    /// The link to the file.
    pub const fn trust_download(self) -> &'static str {
        match self {
            Self::English => "Download the authority’s certificate",
            Self::Chinese => "下载颁发机构证书",
        }
    }

    /// What stands before the fingerprint.
    pub const fn trust_compare(self) -> &'static str {
        match self {
            Self::English => {
                "Anybody on the network could have put another file here. So ask whoever runs the server for the SHA-256 \
                 fingerprint that it printed when it started: your device has to show the same one. According to this page it is:"
            }
            Self::Chinese => {
                "网络中的任何人都可能替换此文件。因此请向服务器的管理者询问服务器启动时显示的 SHA-256 指纹，你的设备所显示的必须与其一致。\
                 此页面给出的指纹是："
            }
        }
    }

    /// The link to the site, when all is done.
    pub const fn trust_done(self) -> &'static str {
        match self {
            Self::English => "Done: open Yodel",
            Self::Chinese => "完成：打开 Yodel",
        }
    }

    /// The steps on each system.
    pub const fn how_to_trust(self) -> &'static [System] {
        match self {
            Self::English => &ENGLISH,
            Self::Chinese => &CHINESE,
        }
    }
}

const ENGLISH: [System; 6] = [
    System {
        name: "Windows",
        steps: &[
            "In a terminal, “certutil -dump authority.crt” shows the fingerprint. Compare it first.",
            "Open the downloaded file and choose “Install Certificate…”, then “Current User”.",
            "Choose “Place all certificates in the following store”, “Browse…”, and “Trusted Root Certification Authorities”.",
            "Finish, and confirm the warning.",
            "Close the browser and open it again.",
        ],
    },
    System {
        name: "macOS",
        steps: &[
            "Open the downloaded file: Keychain Access adds it to the login keychain.",
            "Double-click the authority there, and compare the fingerprint at the end of the details. Then open “Trust”, and choose \
             “Always Trust”.",
            "Close the window and confirm with your password.",
        ],
    },
    System {
        name: "iPhone, iPad",
        steps: &[
            "Download the authority with Safari, and allow the profile.",
            "In Settings, tap “Profile Downloaded” (or General, “VPN & Device Management”), and install it. “More Details” shows the \
             fingerprint.",
            "In Settings, General, About, “Certificate Trust Settings”, turn the authority on.",
        ],
    },
    System {
        name: "Android",
        steps: &[
            "In Settings, search for “CA certificate”, and choose to install one (under “Encryption & credentials”).",
            "Confirm with “Install anyway”, and choose the downloaded file.",
            "In Firefox for Android, also open Settings, “About Firefox”, tap the logo until the secret settings are on, and allow third \
             party CA certificates there.",
        ],
    },
    System {
        name: "Firefox",
        steps: &[
            "On Windows and macOS Firefox trusts what the system does. Elsewhere, in Settings, search for “certificates” and open “View \
             Certificates…”.",
            "In “Authorities”, choose “Import…” and the downloaded file, and tick “Trust this CA to identify websites”.",
        ],
    },
    System {
        name: "Linux",
        steps: &[
            "In Chromium or Chrome, open Settings, “Privacy and security”, “Security”, “Manage certificates”, and import the downloaded \
             file as a trusted certificate.",
            "For other programs, on Debian and Ubuntu: sudo cp authority.crt /usr/local/share/ca-certificates/yodel.crt, and then sudo \
             update-ca-certificates.",
        ],
    },
];

const CHINESE: [System; 6] = [
    System {
        name: "Windows",
        steps: &[
            "先在终端中运行“certutil -dump authority.crt”，核对指纹。",
            "打开下载的文件，选择“安装证书…”，然后选择“当前用户”。",
            "选择“将所有的证书都放入下列存储”，点击“浏览…”，选择“受信任的根证书颁发机构”。",
            "点击完成并确认警告。",
            "关闭浏览器后重新打开。",
        ],
    },
    System {
        name: "macOS",
        steps: &[
            "打开下载的文件：“钥匙串访问”会将其加入“登录”钥匙串。",
            "在其中双击该颁发机构，先核对详细信息末尾的指纹，再展开“信任”，选择“始终信任”。",
            "关闭窗口，并输入密码确认。",
        ],
    },
    System {
        name: "iPhone、iPad",
        steps: &[
            "用 Safari 下载颁发机构证书，并允许下载描述文件。",
            "在“设置”中轻点“已下载描述文件”（或“通用”中的“VPN 与设备管理”）并安装。“更多详细信息”中可查看指纹。",
            "在“设置”、“通用”、“关于本机”、“证书信任设置”中打开该颁发机构。",
        ],
    },
    System {
        name: "Android",
        steps: &[
            "在“设置”中搜索“CA 证书”，选择安装（位于“加密与凭据”中）。",
            "选择“仍然安装”，然后选择下载的文件。",
            "使用 Firefox 时，还需打开“设置”、“关于 Firefox”，连续轻点徽标直到启用隐藏设置，并在其中允许第三方 CA 证书。",
        ],
    },
    System {
        name: "Firefox",
        steps: &[
            "在 Windows 和 macOS 上，Firefox 信任系统所信任的证书。在其他系统上，在“设置”中搜索“证书”，打开“查看证书…”。",
            "在“证书颁发机构”中选择“导入…”和下载的文件，并勾选“信任由此证书颁发机构来标识网站”。",
        ],
    },
    System {
        name: "Linux",
        steps: &[
            "在 Chromium 或 Chrome 中打开“设置”、“隐私和安全”、“安全”、“管理证书”，将下载的文件作为受信任的证书导入。",
            "对于其他程序，在 Debian 和 Ubuntu 上运行：sudo cp authority.crt /usr/local/share/ca-certificates/yodel.crt，然后运行 sudo \
             update-ca-certificates。",
        ],
    },
];
