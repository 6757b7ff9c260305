//! The second clock of an app with data sources.

use serde_json::{Value, json};
use simulator::webex::Endpoint;

use super::setup::service_app_document;
use super::sweep;
use crate::demo::{Demo, PREFIX};
use crate::journal_trace::JournalMark;

pub(super) async fn app_brings_a_data_source(demo: &Demo) -> anyhow::Result<()> {
    demo.terminal.step(
        "An app brings its data source",
        "A data source (BYODS) delivers for a day at most, unless it is renewed with a new nonce, for which Webex signs a \
         new token. The operator names one in the secret of `reports`. The sweep registers it for each org of the app, \
         and renews it when half of its life is over or its description changes. A tag of the grant's secret remembers \
         when that is, so that the sweeps between ask nothing.",
    );
    describe(demo, "first.example").await?;
    let mark = JournalMark::now(demo);
    sweep(demo, "no grant is concerned", &[("failing", 0), ("renewed", 0)]).await?;
    let delivering = delivering(demo);
    demo.check("Webex delivers from Acorn and from Birch", &2, &delivering);
    demo.check("each was registered once", &2, &mark.webex_calls(demo, Endpoint::CreateDataSource));
    let mark = JournalMark::now(demo);
    sweep(demo, "the next sweep finds no grant to renew", &[("failing", 0), ("renewed", 0)]).await?;
    demo.check("and asks nothing about data sources", &0, &mark.webex_calls(demo, Endpoint::ListDataSources));
    describe(demo, "second.example").await?;
    let mark = JournalMark::now(demo);
    sweep(demo, "the description has changed", &[("failing", 0), ("renewed", 0)]).await?;
    demo.check("both are renewed, each with a new nonce", &2, &mark.webex_calls(demo, Endpoint::UpdateDataSource));
    Ok(())
}

/// Stores the description of the app with a data source for this audience.
async fn describe(demo: &Demo, audience: &str) -> anyhow::Result<()> {
    let mut document = service_app_document(&demo.reports, &[]);
    let data_source: Value = json!({
        "url": "https://data.example/webex",
        "schema_id": "78efc775-dccb-45ca-9acf-989a4a59f788",
        "audience": audience,
        "subject": "call-records",
    });
    document["data_sources"] = json!([data_source]);
    let name = format!("{PREFIX}apps/{}", demo.reports.name);
    demo.api.put_secret_value(&name, &document).await?;
    let request = format!("PutSecretValue {name}");
    let result = format!("\"data_sources\": [{{…, \"audience\": \"{audience}\"}}]");
    demo.message("operator", "Secrets Manager", &request, result);
    Ok(())
}

/// The data sources from which Webex delivers.
fn delivering(demo: &Demo) -> usize {
    let orgs = [&demo.acorn, &demo.birch];
    let found = orgs.iter().flat_map(|org| demo.webex().data_sources(&org.id));
    found.filter(|data_source| data_source.delivers(demo.simulator.clock.now())).count()
}
