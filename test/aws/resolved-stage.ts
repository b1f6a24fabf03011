/** The templates of a stage with every intrinsic function worked out, as CloudFormation would in one account and region. */

export const ACCOUNT = "123456789012";
export const REGION = "us-east-1";

export interface Resource {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  /** Resolved. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** As a statement's `Resource` names it. */
  readonly arn: string;
  /** What `Ref` gives. */
  readonly physicalId: string;
}

interface Template {
  readonly Resources?: Readonly<Record<string, { Type: string; Properties?: Record<string, unknown> }>>;
  readonly Outputs?: Readonly<Record<string, { Value: unknown; Export?: { Name: unknown } }>>;
  readonly Parameters?: Readonly<Record<string, { Default?: unknown }>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Mappings?: Readonly<Record<string, Record<string, Record<string, unknown>>>>;
}

/** Which property holds a resource's name, and how its ARN is made of it; a name that is left to the service is the logical id. */
const naming: Readonly<
  Record<string, { name?: string; arn: (name: string) => string; ref?: "arn" | "url" }>
> = {
  "AWS::S3::Bucket": { name: "BucketName", arn: (name) => `arn:aws:s3:::${name.toLowerCase()}` },
  "AWS::KMS::Key": { arn: (name) => own("kms", `key/${name}`) },
  "AWS::Lambda::Function": { name: "FunctionName", arn: (name) => own("lambda", `function:${name}`) },
  "AWS::SQS::Queue": { name: "QueueName", arn: (name) => own("sqs", name), ref: "url" },
  "AWS::SNS::Topic": { name: "TopicName", arn: (name) => own("sns", name), ref: "arn" },
  "AWS::Logs::LogGroup": { name: "LogGroupName", arn: (name) => own("logs", `log-group:${name}:*`) },
  "AWS::StepFunctions::StateMachine": {
    name: "StateMachineName",
    arn: (name) => own("states", `stateMachine:${name}`),
    ref: "arn",
  },
  "AWS::KinesisFirehose::DeliveryStream": {
    name: "DeliveryStreamName",
    arn: (name) => own("firehose", `deliverystream/${name}`),
  },
  "AWS::SecretsManager::Secret": {
    name: "Name",
    arn: (name) => own("secretsmanager", `secret:${name}-AbCdEf`),
    ref: "arn",
  },
  "AWS::IAM::Role": { name: "RoleName", arn: (name) => `arn:aws:iam::${ACCOUNT}:role/${name}` },
  "AWS::Events::Rule": { name: "Name", arn: (name) => own("events", `rule/${name}`) },
  "AWS::CloudWatch::Alarm": { name: "AlarmName", arn: (name) => own("cloudwatch", `alarm:${name}`) },
  "AWS::EC2::VPCEndpoint": { arn: (name) => own("ec2", `vpc-endpoint/${name}`) },
  "AWS::Glue::Database": { arn: (name) => own("glue", `database/${name}`) },
};

function own(service: string, rest: string): string {
  return `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;
}

const pseudo: Readonly<Record<string, string>> = {
  "AWS::AccountId": ACCOUNT,
  "AWS::Region": REGION,
  "AWS::Partition": "aws",
  "AWS::URLSuffix": "amazonaws.com",
};

export class ResolvedStage {
  readonly resources: readonly Resource[];
  readonly #templates: ReadonlyMap<string, Template>;

  /** `templates`: by stack name. */
  constructor(templates: ReadonlyMap<string, unknown>) {
    this.#templates = templates as ReadonlyMap<string, Template>;
    this.resources = [...this.#templates].flatMap(([stack, { Resources = {} }]) =>
      Object.entries(Resources).map(([logicalId, { Type, Properties = {} }]) => ({
        stack,
        logicalId,
        type: Type,
        properties: this.#resolve(Properties, stack) as Record<string, unknown>,
        arn: this.#arn(stack, logicalId),
        physicalId: this.#ref(stack, logicalId),
      })),
    );
  }

  ofType(type: string): readonly Resource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** The resource of a type that has this name, or else the only one whose id or name contains it. Throws if there is none or several. */
  find(type: string, part: string): Resource {
    const named = this.ofType(type).find(({ physicalId }) => physicalId === part);
    if (named !== undefined) return named;
    const found = this.ofType(type).filter(
      ({ logicalId, physicalId }) => logicalId.includes(part) || physicalId.includes(part),
    );
    if (found.length !== 1 || found[0] === undefined) {
      throw new Error(`${found.length} resources of ${type} are named like "${part}".`);
    }
    return found[0];
  }

  #resource(stack: string, logicalId: string) {
    return this.#templates.get(stack)?.Resources?.[logicalId];
  }

  #name(stack: string, logicalId: string): string {
    const resource = this.#resource(stack, logicalId);
    const property = naming[resource?.Type ?? ""]?.name;
    const given = property === undefined ? undefined : resource?.Properties?.[property];
    return given === undefined ? logicalId : String(this.#resolve(given, stack));
  }

  #arn(stack: string, logicalId: string): string {
    const make = naming[this.#resource(stack, logicalId)?.Type ?? ""]?.arn;
    const name = this.#name(stack, logicalId);
    return make ? make(name) : name;
  }

  #ref(stack: string, name: string): string {
    const { Parameters = {} } = this.#templates.get(stack) as Template;
    if (name === "AWS::StackName") return stack;
    if (name in pseudo) return pseudo[name] as string;
    if (name in Parameters) return String(Parameters[name]?.Default ?? "");
    const type = this.#resource(stack, name)?.Type ?? "";
    const kind = naming[type]?.ref;
    if (kind === "arn") return this.#arn(stack, name);
    if (kind === "url") return `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${this.#name(stack, name)}`;
    if (type === "AWS::Lambda::Version" || type === "AWS::Lambda::Alias") return this.#qualified(stack, name);
    return type === "AWS::S3::Bucket" ? this.#name(stack, name).toLowerCase() : this.#name(stack, name);
  }

  /** A version's or an alias's ARN: the function's, and its own name. */
  #qualified(stack: string, logicalId: string): string {
    const { Type, Properties = {} } = this.#resource(stack, logicalId) as {
      Type: string;
      Properties: Record<string, unknown>;
    };
    const of = String(this.#resolve(Properties.FunctionName, stack));
    const arn = of.startsWith("arn:") ? of : own("lambda", `function:${of}`);
    return `${arn}:${Type.endsWith("Alias") ? this.#resolve(Properties.Name, stack) : "1"}`;
  }

  #getAtt(stack: string, logicalId: string, attribute: string): unknown {
    if (attribute === "Arn") return this.#arn(stack, logicalId);
    if (attribute === "QueueName") return this.#name(stack, logicalId);
    if (attribute === "Version") return "1";
    return `${logicalId}.${attribute}`;
  }

  #resolve(value: unknown, stack: string): unknown {
    if (Array.isArray(value)) {
      return value.map((each) => this.#resolve(each, stack)).filter((each) => each !== undefined);
    }
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value);
    const [only] = entries;
    if (entries.length === 1 && only && (only[0] === "Ref" || only[0].startsWith("Fn::"))) {
      return this.#call(only[0], only[1], stack);
    }
    return Object.fromEntries(
      entries
        .map(([key, each]) => [key, this.#resolve(each, stack)] as const)
        .filter(([, each]) => each !== undefined),
    );
  }

  // biome-ignore lint/suspicious/noExplicitAny: the arguments of intrinsic functions have many shapes.
  #call(name: string, argument: any, stack: string): unknown {
    const resolve = (value: unknown) => this.#resolve(value, stack);
    switch (name) {
      case "Ref":
        return argument === "AWS::NoValue" ? undefined : this.#ref(stack, argument);
      case "Fn::GetAtt": {
        const [logicalId, ...attribute] = typeof argument === "string" ? argument.split(".") : argument;
        return this.#getAtt(stack, logicalId, attribute.join("."));
      }
      case "Fn::Join":
        return (resolve(argument[1]) as unknown[]).join(argument[0]);
      case "Fn::Sub": {
        const [text, values = {}] = Array.isArray(argument) ? argument : [argument];
        return text.replace(/\$\{([^!}][^}]*)\}/g, (_: string, key: string) => {
          if (key in values) return String(resolve(values[key]));
          return String(key.includes(".") ? this.#call("Fn::GetAtt", key, stack) : this.#ref(stack, key));
        });
      }
      case "Fn::Select":
        return (resolve(argument[1]) as unknown[])[Number(resolve(argument[0]))];
      case "Fn::Split":
        return String(resolve(argument[1])).split(argument[0]);
      case "Fn::ImportValue":
        return this.#exported(String(resolve(argument)));
      case "Fn::GetAZs":
        return ["a", "b", "c"].map((zone) => REGION + zone);
      case "Fn::If":
        return resolve(this.#holds(argument[0], stack) ? argument[1] : argument[2]);
      case "Fn::FindInMap":
        return this.#templates.get(stack)?.Mappings?.[argument[0]]?.[String(resolve(argument[1]))]?.[
          String(resolve(argument[2]))
        ];
      default:
        throw new Error(`The templates use ${name}, which this test cannot work out.`);
    }
  }

  #holds(condition: string, stack: string): boolean {
    const evaluate = (value: unknown): boolean => {
      const [[name, argument]] = Object.entries(value as object) as [[string, unknown[]]];
      if (name === "Fn::Equals")
        return this.#resolve(argument[0], stack) === this.#resolve(argument[1], stack);
      if (name === "Fn::And") return argument.every(evaluate);
      if (name === "Fn::Or") return argument.some(evaluate);
      if (name === "Fn::Not") return !evaluate(argument[0]);
      return this.#holds(String(argument), stack);
    };
    return evaluate(this.#templates.get(stack)?.Conditions?.[condition]);
  }

  #exported(name: string): unknown {
    for (const [stack, { Outputs = {} }] of this.#templates) {
      for (const { Value, Export } of Object.values(Outputs)) {
        if (Export && this.#resolve(Export.Name, stack) === name) return this.#resolve(Value, stack);
      }
    }
    throw new Error(`No stack exports ${name}.`);
  }
}
