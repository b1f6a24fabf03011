/** What a validator says of one resource. */
export interface Finding {
  readonly rule: string;
  /** Stack and resource: `scoring/Api/RestApi` for cdk-nag, `scoring/ApiRestApiE35FEAFE` for those that read templates. */
  readonly place: string;
  readonly text: string;
}
