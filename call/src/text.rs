//! Texts that are put together of others.

/// One text after the other.
///
/// `concat` of the standard library has a way of its own for every length of what is between two texts, and is a kilobyte of
/// what other people's pages load.
pub fn joined(texts: &[&str]) -> String {
    let mut whole = String::new();
    for text in texts {
        whole.push_str(text);
    }
    whole
}
