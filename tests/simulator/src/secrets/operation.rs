//! The operations, named.

/// What a request asks of Secrets Manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// `CreateSecret`
    CreateSecret,
    /// `PutSecretValue`
    PutSecretValue,
    /// `GetSecretValue`
    GetSecretValue,
    /// `BatchGetSecretValue`
    BatchGetSecretValue,
    /// `ListSecrets`
    ListSecrets,
    /// `DescribeSecret`
    DescribeSecret,
    /// `UpdateSecretVersionStage`
    UpdateSecretVersionStage,
    /// `DeleteSecret`
    DeleteSecret,
    /// `RestoreSecret`
    RestoreSecret,
    /// `TagResource`
    TagResource,
    /// `UpdateSecret`
    UpdateSecret,
    /// Anything else; answered `UnknownOperationException`.
    Unknown,
}

/// Every operation by its name on the wire.
const NAMES: [(&str, Operation); 11] = [
    ("CreateSecret", Operation::CreateSecret),
    ("PutSecretValue", Operation::PutSecretValue),
    ("GetSecretValue", Operation::GetSecretValue),
    ("BatchGetSecretValue", Operation::BatchGetSecretValue),
    ("ListSecrets", Operation::ListSecrets),
    ("DescribeSecret", Operation::DescribeSecret),
    ("UpdateSecretVersionStage", Operation::UpdateSecretVersionStage),
    ("DeleteSecret", Operation::DeleteSecret),
    ("RestoreSecret", Operation::RestoreSecret),
    ("TagResource", Operation::TagResource),
    ("UpdateSecret", Operation::UpdateSecret),
];

impl Operation {
    /// From `X-Amz-Target: secretsmanager.<name>`.
    pub(crate) fn of(target: Option<&str>) -> Self {
        let name = target.and_then(|target| target.strip_prefix("secretsmanager."));
        let known = NAMES.iter().find(|(known, _)| Some(*known) == name);
        known.map_or(Self::Unknown, |(_, operation)| *operation)
    }

    /// Whether it changes anything.
    pub fn is_write(self) -> bool {
        !matches!(
            self,
            Self::GetSecretValue | Self::BatchGetSecretValue | Self::ListSecrets | Self::DescribeSecret | Self::Unknown
        )
    }
}
