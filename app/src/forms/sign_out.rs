//! Signing out.

use leptos::prelude::*;

/// Close the session, here and on the server, and go to the sign-in page. Whoever has none gets there just the same.
#[server(prefix = "/api", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), ServerFnError> {
    use super::ssr;

    let (desk, visitor) = ssr::desk::<ServerFnError>()?;
    ssr::set_cookie(desk.sign_out(&visitor).await);
    ssr::send_to("/sign-in");
    Ok(())
}
