//! The operations of Secrets Manager.

/// An operation of Secrets Manager.
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

/// The operations by their names in `X-Amz-Target`.
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
    /// The operation of `X-Amz-Target: secretsmanager.<name>`.
    pub(crate) fn of(target: Option<&str>) -> Self {
        let name = target.and_then(|target| target.strip_prefix("secretsmanager."));
        match NAMES.iter().find(|(known, _)| Some(*known) == name) {
            Some((_, operation)) => *operation,
            None => Self::Unknown,
        }
    }

    /// Whether the operation changes anything.
    pub fn is_write(self) -> bool {
        !matches!(
            self,
            Self::GetSecretValue | Self::BatchGetSecretValue | Self::ListSecrets | Self::DescribeSecret | Self::Unknown
        )
    }
}
