//! The endpoints of Webex.

use axum::http::Method;

use crate::transport::Request;

/// An endpoint of Webex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Endpoint {
    /// `POST /applications/{applicationId}/token`
    Mint,
    /// `POST /access_token` with `grant_type=refresh_token`
    Refresh,
    /// `POST /access_token` with anything else
    Exchange,
    /// `GET /authorize`: the sign-in page, the grant page, or straight back
    Authorize,
    /// `POST /authorize/sign-in`: the simulator's replacement for Webex's sign-in
    SignIn,
    /// `POST /authorize/decision`: Accept or Decline on the grant page
    Decide,
    /// `POST /device/authorize`
    DeviceAuthorize,
    /// `POST /device/token`
    DeviceToken,
    /// `GET` and `POST /device`: the page on which a person types a user code
    DevicePage,
    /// `POST /webhooks`
    CreateWebhook,
    /// `GET /webhooks`
    ListWebhooks,
    /// `GET /webhooks/{id}`
    GetWebhook,
    /// `PUT /webhooks/{id}`
    UpdateWebhook,
    /// `DELETE /webhooks/{id}`
    DeleteWebhook,
    /// `GET /authorizations/tokenExpiry`
    TokenExpiry,
    /// `DELETE /authorizations?clientId&orgId`
    DeleteAuthorization,
    /// `GET /people/me`
    Me,
    /// `GET /organizations/{id}`
    Organization,
    /// `POST /guests/token`
    GuestToken,
    /// `POST /dataSources`
    CreateDataSource,
    /// `GET /dataSources`
    ListDataSources,
    /// `GET /dataSources/{id}`
    GetDataSource,
    /// `PUT /dataSources/{id}`
    UpdateDataSource,
    /// `DELETE /dataSources/{id}`
    DeleteDataSource,
    /// `POST /messages`
    CreateMessage,
    /// Anything else; answered 404.
    Unknown,
}

impl Endpoint {
    pub(crate) fn of(request: &Request) -> Self {
        let method = &request.method;
        match request.segments()[..] {
            ["applications", _, "token"] if method == Method::POST => Self::Mint,
            ["access_token"] if method == Method::POST => Self::token(request),
            ["authorize"] if method == Method::GET => Self::Authorize,
            ["authorize", "sign-in"] if method == Method::POST => Self::SignIn,
            ["authorize", "decision"] if method == Method::POST => Self::Decide,
            ["device", "authorize"] if method == Method::POST => Self::DeviceAuthorize,
            ["device", "token"] if method == Method::POST => Self::DeviceToken,
            ["device"] if method == Method::GET || method == Method::POST => Self::DevicePage,
            ["webhooks"] => Self::webhooks(method),
            ["webhooks", _] => Self::webhook(method),
            ["authorizations", "tokenExpiry"] if method == Method::GET => Self::TokenExpiry,
            ["authorizations"] if method == Method::DELETE => Self::DeleteAuthorization,
            ["people", "me"] if method == Method::GET => Self::Me,
            ["organizations", _] if method == Method::GET => Self::Organization,
            ["dataSources"] if method == Method::POST => Self::CreateDataSource,
            ["dataSources"] if method == Method::GET => Self::ListDataSources,
            ["dataSources", _] => Self::data_source(method),
            ["messages"] if method == Method::POST => Self::CreateMessage,
            ["guests", "token"] if method == Method::POST => Self::GuestToken,
            _ => Self::Unknown,
        }
    }

    fn token(request: &Request) -> Self {
        match request.form("grant_type").as_deref() {
            Some("refresh_token") => Self::Refresh,
            _ => Self::Exchange,
        }
    }

    fn webhooks(method: &Method) -> Self {
        match *method {
            Method::POST => Self::CreateWebhook,
            Method::GET => Self::ListWebhooks,
            _ => Self::Unknown,
        }
    }

    fn data_source(method: &Method) -> Self {
        match *method {
            Method::GET => Self::GetDataSource,
            Method::PUT => Self::UpdateDataSource,
            Method::DELETE => Self::DeleteDataSource,
            _ => Self::Unknown,
        }
    }

    fn webhook(method: &Method) -> Self {
        match *method {
            Method::GET => Self::GetWebhook,
            Method::PUT => Self::UpdateWebhook,
            Method::DELETE => Self::DeleteWebhook,
            _ => Self::Unknown,
        }
    }
}
