/** webex-token-broker as a construct, over the packaged template of a release. */
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { Token } from "aws-cdk-lib";
import { ManagedPolicy, type IRole } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

export interface WebexTokenBrokerProps {
  /** `template.json` of the release. */
  readonly templateFile: string;
  /** Bucket in the region of the stack with the release's files in `webex-token-broker/VERSION/`. */
  readonly artifactBucket: string;
  /** Other parameters of the template by name, such as `App` or `AlarmTopicArn`: infra/README.md lists them. */
  readonly parameters?: Readonly<Record<string, string | number | string[]>>;
}

/**
 * The resources of the template, with its own logical ids: one broker fits in a stack. Make a stack for it, because its
 * functions and alarms have the stack's name.
 */
export class WebexTokenBroker extends Construct {
  private readonly template: CfnInclude;

  constructor(scope: Construct, id: string, props: WebexTokenBrokerProps) {
    super(scope, id);
    this.template = new CfnInclude(this, "Template", {
      templateFile: props.templateFile,
      preserveLogicalIds: true,
    });
    // As defaults, and not put into the resources: the stack has the resources that the release was tested with.
    for (const [name, value] of Object.entries({ ArtifactBucket: props.artifactBucket, ...props.parameters })) {
      this.template.getParameter(name).default = Array.isArray(value) ? value.join(",") : value;
    }
  }

  /** The value of an output of the template, such as `VendBaseUrl`. */
  output(name: string): string {
    return Token.asString(this.template.getOutput(name).value);
  }

  /** Lets a role of the same stack ask vend for tokens. The caller policy decides for which. */
  grantVend(role: IRole): void {
    role.addManagedPolicy(ManagedPolicy.fromManagedPolicyArn(this, `Callers${role.node.addr}`, this.output("VendCallersPolicyArn")));
  }
}
