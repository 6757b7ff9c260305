//! What stands in front of the broker, which determines how requests are signed.

use url::Url;

/// The service and the region in a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningFront {
    /// `lambda` for a Function URL, `execute-api` for an API Gateway.
    pub service: &'static str,
    /// The region, such as `eu-central-1`.
    pub region: String,
}

impl SigningFront {
    /// The name of a service that can stand in front of the broker, if `name` is one.
    pub fn service_named(name: &str) -> Option<&'static str> {
        ["lambda", "execute-api"].into_iter().find(|service| *service == name)
    }

    /// The front whose own address `url` is: a Function URL's or an API Gateway's name both. `None` for other addresses,
    /// such as a custom domain.
    pub fn of_address(url: &str) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        let labels: Vec<&str> = url.host_str()?.split('.').collect();
        match labels[..] {
            [_, "lambda-url", region, "on", "aws"] => Some(Self { service: "lambda", region: region.to_owned() }),
            [_, "execute-api", region, "amazonaws", "com"] | [_, "execute-api", region, "amazonaws", "com", "cn"] => {
                Some(Self { service: "execute-api", region: region.to_owned() })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_of_an_aws_address_names_service_and_region() {
        let front = |url| SigningFront::of_address(url).map(|front| (front.service, front.region));
        assert_eq!(front("https://abc.lambda-url.eu-central-1.on.aws/"), Some(("lambda", "eu-central-1".to_owned())));
        let gateway = front("https://abc.execute-api.us-east-1.amazonaws.com/prod");
        assert_eq!(gateway, Some(("execute-api", "us-east-1".to_owned())));
        assert_eq!(front("https://vend.example"), None);
        assert_eq!(front("https://abc.lambda-url.eu-central-1.on.aws.evil.example"), None);
    }
}
