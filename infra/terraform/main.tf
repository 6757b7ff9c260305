# webex-token-broker as a module: a CloudFormation stack of the packaged template of a release. The stack stays the owner of
# its resources, so that there is one template to review, and CloudFormation takes a failed change back.
terraform {
  required_version = ">= 1.6"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

variable "release" {
  description = "Folder with the files of a release."
  type        = string
}

variable "artifact_bucket" {
  description = "Name of a bucket in the region of the stack. The module puts the release's files there."
  type        = string
}

variable "stack_name" {
  description = "Name of the stack, with which the names of its functions and alarms begin."
  type        = string
  default     = "webex-token-broker"
}

variable "parameters" {
  description = "Parameters of the template, such as App or AlarmTopicArn. infra/README.md lists them."
  type        = map(string)
  default     = {}
}

variable "tags" {
  description = "Tags of the stack, which CloudFormation gives to its resources."
  type        = map(string)
  default     = {}
}

locals {
  template = jsondecode(file("${var.release}/template.json"))
  folder   = "webex-token-broker/${local.template.Outputs.Version.Value}"
}

resource "aws_s3_object" "file" {
  for_each = setunion(fileset(var.release, "*.zip"), ["template.json"])

  bucket      = var.artifact_bucket
  key         = "${local.folder}/${each.value}"
  source      = "${var.release}/${each.value}"
  source_hash = filesha256("${var.release}/${each.value}")
}

resource "aws_cloudformation_stack" "broker" {
  name         = var.stack_name
  template_url = "https://${var.artifact_bucket}.s3.${data.aws_region.here.region}.${data.aws_partition.here.dns_suffix}/${aws_s3_object.file["template.json"].key}"
  parameters   = merge(var.parameters, { ArtifactBucket = var.artifact_bucket })
  capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
  tags         = var.tags
  depends_on   = [aws_s3_object.file]
}

data "aws_region" "here" {}
data "aws_partition" "here" {}

output "outputs" {
  description = "Outputs of the template by name, such as VendBaseUrl."
  value       = aws_cloudformation_stack.broker.outputs
}
