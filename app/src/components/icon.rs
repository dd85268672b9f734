//! Icons: drawn here, one path each, in a square of 24, with round strokes.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Handset,
    Camera,
    CameraOff,
    Microphone,
    MicrophoneOff,
    Search,
    Close,
    ArrowIn,
    ArrowOut,
    Missed,
    Door,
    Speaker,
    Waiting,
    Warning,
    Device,
    People,
    AddPerson,
    Settings,
    #[cfg(feature = "ssr")]
    Back,
}

impl Shape {
    const fn path(self) -> &'static str {
        match self {
            Self::Handset => {
                "M6.5 3.5h2.4l1.5 4.2-2 1.7a12.5 12.5 0 0 0 6.2 6.2l1.7-2 4.2 1.5v2.4a2 2 0 0 1-2 2A14.5 14.5 0 0 1 4.5 5.5a2 2 0 0 1 2-2z"
            }
            #[cfg(feature = "ssr")]
            Self::Back => "M14.5 5.5 8 12l6.5 6.5",
            Self::Camera => {
                "M5 6.5h8.5a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2zM15.5 10.8 21 7.5v9l-5.5-3.3"
            }
            Self::CameraOff => {
                "M10 6.5h3.5a2 2 0 0 1 2 2v2.3L21 7.5v9l-3-1.8M15 17a2 2 0 0 1-1.5.5H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 1.5-1.9M3 3l18 18"
            }
            Self::Microphone => {
                "M12 3a3 3 0 0 0-3 3v5.5a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3"
            }
            Self::MicrophoneOff => {
                "M9 5.6A3 3 0 0 1 15 6v5M9 9.5v2a3 3 0 0 0 4.5 2.6M5.5 11.5a6.5 6.5 0 0 0 10.2 5.3M18.5 11.5a6.4 6.4 0 0 1-.4 2.2M12 18v3M3 3l18 18"
            }
            Self::Search => "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.3 15.3 20 20",
            Self::Close => "M6 6l12 12M18 6 6 18",
            Self::ArrowIn => "M18 6 7 17M7 8.5V17h8.5",
            Self::ArrowOut => "M6 18 17 7M8.5 7H17v8.5",
            Self::Missed => "M3.5 7.5 11 15l9-9M14.5 6H20v5.5",
            Self::Door => "M14 4h3.5a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H14M4 12h11M11 8l4 4-4 4",
            Self::Speaker => {
                "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4.2 4.2 0 0 1 0 6M18.2 6.3a8 8 0 0 1 0 11.4"
            }
            Self::Waiting => "M12 4a8 8 0 1 0 8 8",
            Self::Warning => "M12 4 2.8 19.5h18.4zM12 10v4.5M12 17v.1",
            Self::People => {
                "M9 5a3.2 3.2 0 1 0 0 6.4A3.2 3.2 0 0 0 9 5zM3 19.5a6 6 0 0 1 12 0M16 5.4a3 3 0 0 1 0 5.6M17.5 14a5.6 5.6 0 0 1 3.5 5.5"
            }
            Self::AddPerson => {
                "M10 4.5a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8zM3.5 19.5a6.5 6.5 0 0 1 13 0M19 7.5v6M16 10.5h6"
            }
            Self::Settings => {
                "M4 7h9M18 7h2M4 17h2M11 17h9M15.5 4.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM8.5 14.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z"
            }
            Self::Device => {
                "M8.5 3h7A1.5 1.5 0 0 1 17 4.5v15a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 7 19.5v-15A1.5 1.5 0 0 1 8.5 3zM11 18h2"
            }
        }
    }
}

/// A picture beside or in place of a text. Hidden from screen readers: whatever it stands on has a name.
#[component]
pub(crate) fn Icon(
    /// What it shows.
    shape: Shape,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=shape.path() />
        </svg>
    }
}
