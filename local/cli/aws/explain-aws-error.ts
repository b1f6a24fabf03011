/** What AWS's errors mean to who typed a command. By name, as the SDK gives them. */
const explanations: Readonly<Record<string, string>> = {
  CredentialsProviderError: "There are no AWS credentials. Log in (aws sso login), or set AWS_PROFILE.",
  ExpiredToken: "The AWS credentials have expired. Log in again.",
  ExpiredTokenException: "The AWS credentials have expired. Log in again.",
  InvalidAccessKeyId: "AWS does not know these credentials. Check AWS_PROFILE.",
  UnrecognizedClientException: "AWS does not know these credentials. Check AWS_PROFILE.",
  AccessDenied:
    "AWS refuses it to these credentials. The role that may publish models is an output of the data-lake stack.",
  AccessDeniedException:
    "AWS refuses it to these credentials. The role that may publish models is an output of the data-lake stack.",
  NoSuchBucket: "There is no such bucket. Its name is an output of the data-lake stack.",
  PermanentRedirect: "The bucket is in another region. Set AWS_REGION.",
  NotFoundException:
    "There is no such KMS key in this account and region. Check --signing-key and AWS_REGION.",
};

/**
 * The same object, whose methods fail with an explanation where AWS's error has one.
 * @param own explanations that go before the common ones, by the error's name
 */
export function explained<Service extends object>(
  service: Service,
  own: Readonly<Record<string, string>> = {},
): Service {
  const fail = failing({ ...explanations, ...own });
  return new Proxy(service, {
    get(target, property) {
      const member = Reflect.get(target, property);
      if (typeof member !== "function") return member;
      return (...args: unknown[]) => {
        const result = member.apply(target, args);
        return result instanceof Promise ? result.catch(fail) : result;
      };
    },
  });
}

function failing(texts: Readonly<Record<string, string>>): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof Error)) throw error;
    const isRegionMissing = error.message === "Region is missing";
    const explanation = isRegionMissing
      ? "No AWS region is set. Set AWS_REGION, or a region in the profile."
      : Object.hasOwn(texts, error.name) && texts[error.name];
    if (!explanation) throw error;
    throw new Error(`${explanation} (${error.message})`, { cause: error });
  };
}
