/** The parts of the data lake that the infrastructure grants access to; core/registry and core/outcomes write and read them. */
export const prefixes = {
  modelArtifacts: "model-artifacts/",
  outcomes: "outcomes/",
} as const;
