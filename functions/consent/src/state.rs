//! What the handlers share.

use aws_config::SdkConfig;
use jiff::{SignedDuration, Timestamp};
use lambda_http::Request;
use lambda_kit::refresher::RefresherClient;

use crate::assets;
use crate::catalogue::Catalogue;
use crate::flow::FinishedFlows;
use crate::operator_gate::OperatorGate;
use crate::page::PageFrame;
use crate::parameters::Parameters;
use crate::settings::Settings;

/// The state of one execution environment.
pub(crate) struct ConsentState {
    pub(crate) settings: Settings,
    pub(crate) catalogue: Catalogue,
    pub(crate) refresher: RefresherClient,
    pub(crate) gate: OperatorGate,
    pub(crate) finished_flows: FinishedFlows,
    assets_version: String,
}

impl ConsentState {
    pub(crate) fn new(settings: Settings, sdk: &SdkConfig) -> Self {
        Self {
            catalogue: Catalogue::load(),
            refresher: RefresherClient::new(sdk, settings.refresher_function.clone()),
            gate: OperatorGate::new(settings.key),
            finished_flows: FinishedFlows::default(),
            assets_version: assets::version(),
            settings,
        }
    }

    /// The frame of the page that `request` asks for.
    pub(crate) fn frame(&self, request: &Request) -> PageFrame<'_> {
        PageFrame::new(request, &self.assets_version, self.gate.has_key())
    }
}

/// A request for a page.
pub(crate) struct PageRequest<'a> {
    pub(crate) http: &'a Request,
    pub(crate) frame: PageFrame<'a>,
    /// The parameters of the query.
    pub(crate) query: Parameters,
    pub(crate) now: Timestamp,
    /// Time for calls to the refresher.
    pub(crate) time_left: SignedDuration,
}
