//! The deployment: what the outputs and parameters of its stack say.

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::Stack;
use broker_core::id::GrantId;

use crate::aws_error::{self, Attempt};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;

/// The template's defaults, for a refresher that is named with `--function`.
const DEFAULT_PREFIX: &str = "webex-token-broker/";
const DEFAULT_MINTER: &str = "minter/default";
const DEFAULT_CACHE_TTL: u64 = 60;

/// One deployment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Deployment {
    /// Name or ARN of the refresher, without a qualifier: an alias answers only what belongs to it.
    pub(crate) refresher: String,
    /// Start of every secret's name.
    pub(crate) secret_prefix: String,
    /// Base URL of the webhook function.
    pub(crate) webhook_url: Option<String>,
    /// The grant that mints, `app/subject`.
    pub(crate) minter: String,
    /// Seconds that webhook and vend serve from memory.
    pub(crate) cache_ttl: u64,
    /// Status of the stack, such as `UPDATE_COMPLETE`; none with `--function`.
    pub(crate) stack_status: Option<String>,
    /// Whether there is a second vend for OIDC callers.
    pub(crate) has_oidc: bool,
    /// Whether a prober asks vend for tokens.
    pub(crate) has_prober: bool,
}

impl Deployment {
    /// The deployment that the options name.
    pub(crate) async fn find(session: &Session<'_>) -> Result<Self, Failure> {
        let mut deployment = match &session.options.function {
            Some(function) => Self {
                refresher: function.clone(),
                secret_prefix: DEFAULT_PREFIX.to_owned(),
                minter: DEFAULT_MINTER.to_owned(),
                cache_ttl: DEFAULT_CACHE_TTL,
                ..Self::default()
            },
            None => of_stack(&describe(session).await?)?,
        };
        if let Some(prefix) = &session.options.secret_prefix {
            deployment.secret_prefix.clone_from(prefix);
        }
        Ok(deployment)
    }

    /// Whether `app/subject` is the minter.
    pub(crate) fn is_minter(&self, app: &str, subject: &str) -> bool {
        self.minter.split_once('/') == Some((app, subject))
    }

    /// The minter's grant.
    pub(crate) fn minter_id(&self) -> Result<GrantId, Failure> {
        GrantId::parse(&self.minter).map_err(|error| Failure::usage(format!("the minter {}: {error}", self.minter)))
    }

    /// The name of the function with the consent pages; `None` with `--function`, which names the refresher alone.
    pub(crate) fn consent(&self) -> Option<String> {
        self.functions().into_iter().find(|name| name.ends_with("-consent"))
    }

    /// The names of the deployed functions, the refresher first. With `--function` no other is known.
    pub(crate) fn functions(&self) -> Vec<String> {
        let mut names = vec![self.refresher.clone()];
        let Some(stack) = self.refresher.strip_suffix("-refresher") else {
            return names;
        };
        if self.stack_status.is_none() {
            return names;
        }
        let mut others = vec!["webhook", "vend", "consent"];
        if self.has_oidc {
            others.push("vend-oidc");
        }
        if self.has_prober {
            others.push("prober");
        }
        names.extend(others.into_iter().map(|name| format!("{stack}-{name}")));
        names
    }
}

async fn describe(session: &Session<'_>) -> Result<Stack, Failure> {
    let name = &session.options.stack;
    let what = format!("find the stack {name} in {}", session.region());
    let client = Client::new(session.sdk()?);
    let response = client.describe_stacks().stack_name(name).send().await.map_err(|error| {
        let attempt = Attempt { what: &what, permission: "cloudformation:DescribeStacks" };
        let mut failure = aws_error::explain(attempt, &error);
        if aws_error::is(&error, "ValidationError") {
            failure.exit = Exit::Unreachable;
            "no_stack".clone_into(&mut failure.code);
            failure = failure.advise("check --stack, --region and --profile; --function NAME works without a stack");
        }
        failure
    })?;
    let found = response.stacks.unwrap_or_default().into_iter().next();
    found.ok_or_else(|| Failure::new(Exit::Unreachable, "no_stack", format!("cannot {what}: AWS listed none")))
}

fn of_stack(stack: &Stack) -> Result<Deployment, Failure> {
    let output = |key: &str| {
        let found = stack.outputs().iter().find(|output| output.output_key() == Some(key))?;
        found.output_value().map(str::to_owned)
    };
    let parameter = |key: &str| {
        let found = stack.parameters().iter().find(|parameter| parameter.parameter_key() == Some(key))?;
        found.parameter_value().map(str::to_owned)
    };
    let Some(refresher) = output("RefresherFunction") else {
        let name = stack.stack_name().unwrap_or_default();
        let detail = format!("the stack {name} has no output RefresherFunction, so it is no deployment of the broker");
        return Err(Failure::new(Exit::Unreachable, "no_stack", detail).advise("check --stack"));
    };
    let cache_ttl = parameter("CacheTtl").and_then(|text| text.parse().ok());
    Ok(Deployment {
        refresher,
        secret_prefix: output("SecretPrefix").unwrap_or_else(|| DEFAULT_PREFIX.to_owned()),
        webhook_url: output("WebhookBaseUrl"),
        minter: parameter("Minter").unwrap_or_else(|| DEFAULT_MINTER.to_owned()),
        cache_ttl: cache_ttl.unwrap_or(DEFAULT_CACHE_TTL),
        stack_status: stack.stack_status().map(|status| status.as_str().to_owned()),
        has_oidc: output("VendOidcBaseUrl").is_some(),
        has_prober: output("ProberFunction").is_some(),
    })
}
