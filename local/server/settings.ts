/** What the environment says about the local server. */

export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  readonly allowedOrigins: readonly string[];
}

/** A setting that cannot be used; its message says what to change. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

const DEFAULT_PORT = 8080;
/** Calls are not authenticated here: only this machine may make them, unless somebody decides otherwise. */
const DEFAULT_HOST = "127.0.0.1";

export function serverSettings(environment: NodeJS.ProcessEnv): ServerSettings {
  const { PORT, HOST, LEADGAUGE_ALLOWED_ORIGINS = "" } = environment;
  return {
    host: HOST || DEFAULT_HOST,
    port: PORT ? portOf(PORT) : DEFAULT_PORT,
    allowedOrigins: LEADGAUGE_ALLOWED_ORIGINS.split(",").flatMap((origin) => origin.trim() || []),
  };
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new SettingsError(
      `PORT is ${JSON.stringify(text)}; it has to be a number from 0 to 65535 (0: any free port).`,
    );
  }
  return port;
}
