//! The steps of a consent: what is chosen, off to Webex, back from Webex.

use broker_core::clock::Clock;
use broker_core::id::AppName;
use broker_core::request::{AppList, Apps, CommandAnswer, Exchange, Granted, RefresherRequest};
use broker_core::token::AuthorizationCode;
use jiff::Timestamp;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};

use crate::choice::{self, Choice, Integration, Length};
use crate::flow::Flow;
use crate::handler::{Consent, Story};
use crate::query::Parameters;
use crate::returned::Returned;
use crate::{Refusal, authorize, gate, page};

impl<C: Clock> Consent<C> {
    /// Off to Webex. Where another site sent the browser, the person is asked first: it could have put any scopes there.
    pub(crate) async fn start(
        &self,
        request: &Request,
        parameters: &Parameters,
        now: Timestamp,
        story: &mut Story,
    ) -> Result<Response<Body>, Refusal> {
        let (app, choice) = self.chosen(request, parameters, story).await?;
        if gate::sent_by_another_site(request) || choice.length().1 == Length::TooLong {
            return Ok(self.review(&app, &choice));
        }
        let flow = Flow::begin(choice, app.redirect_uri.clone(), now)?;
        let cookie = flow.cookie(&self.seal).ok_or(Refusal::NoRandomness)?;
        let url = authorize::url(&self.settings.webex_api_base, &app, &flow);
        story.outcome = "started";
        let mut response = page::redirect(StatusCode::FOUND, &url);
        page::add_cookie(&mut response, Some(cookie));
        Ok(response)
    }

    pub(crate) fn review(&self, app: &Integration, choice: &Choice) -> Response<Body> {
        page::review(&self.frame(), self, app, choice)
    }

    /// Back from Webex: first whether it is our flow at all, then what Webex says.
    pub(crate) async fn come_back(
        &self,
        request: &Request,
        now: Timestamp,
        story: &mut Story,
    ) -> Result<Response<Body>, Refusal> {
        let parameters = Parameters::of_query(request);
        let flow = Flow::resume(request, parameters.one("state"), &self.seal, now).map_err(Refusal::Lost)?;
        story.about(&flow.choice);
        self.ended.end(&flow, now).map_err(Refusal::Lost)?;
        if let Some(returned) = Returned::of(&parameters, &flow.choice) {
            return Err(Refusal::Webex(Box::new(returned)));
        }
        let code = parameters.one("code").map(AuthorizationCode::new);
        let choice = flow.choice.clone();
        let granted = self.exchange(request, flow, code.ok_or(Refusal::NoCode)?).await?;
        story.outcome = "granted";
        Ok(page::granted(&self.frame(), self, &choice, &granted, now))
    }

    async fn exchange(&self, request: &Request, flow: Flow, code: AuthorizationCode) -> Result<Granted, Refusal> {
        let choice = Box::new(flow.choice.clone());
        let exchange = RefresherRequest::Exchange(Exchange {
            id: flow.choice.id,
            code,
            redirect_uri: flow.redirect_uri,
            code_verifier: flow.verifier,
            show: flow.choice.show && self.settings.show_tokens,
        });
        match self.refresher.ask(&exchange, self.time_left(request)).await {
            Ok(CommandAnswer::Done(granted)) => Ok(granted),
            Ok(CommandAnswer::Refused { error }) => Err(Refusal::ExchangeRefused(choice, error)),
            Err(error) => Err(Refusal::NotExchanged(choice, error)),
        }
    }

    pub(crate) async fn chosen(
        &self,
        request: &Request,
        parameters: &Parameters,
        story: &mut Story,
    ) -> Result<(Integration, Choice), Refusal> {
        let id = choice::grant(parameters)?;
        let app = self.integration(request, &id.app).await?;
        let choice = Choice::read(id, parameters, &app)?;
        story.about(&choice);
        Ok((app, choice))
    }

    async fn integration(&self, request: &Request, name: &AppName) -> Result<Integration, Refusal> {
        let apps = self.integrations(request).await?;
        let found = apps.into_iter().find(|app| app.name == *name);
        found.ok_or(Refusal::NoSuchApp)
    }

    /// The apps that can be consented to: the minter's first, the others by name.
    pub(crate) async fn integrations(&self, request: &Request) -> Result<Vec<Integration>, Refusal> {
        let asked = self.refresher.ask::<AppList>(&RefresherRequest::Apps(Apps {}), self.time_left(request));
        let list = match asked.await.map_err(Refusal::NoApps)? {
            CommandAnswer::Done(list) => list.apps,
            CommandAnswer::Refused { error } => return Err(Refusal::AppsRefused(error)),
        };
        let mut apps: Vec<_> = list.into_iter().filter_map(Integration::of).collect();
        apps.sort_by_key(|app| (app.name != self.settings.minter.app, app.name.clone()));
        Ok(apps)
    }
}
