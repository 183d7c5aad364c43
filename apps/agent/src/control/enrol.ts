import type { Passport } from "@sonde/protocol";
import { API_BASE, type EnrolRequest, enrolRequestSchema, enrolResponseSchema, problemSchema } from "@sonde/protocol/rest";
import type { Credential } from "./credential.ts";
import { CommandError, UsageError } from "./usage-error.ts";

export type EnrolOptions = {
  readonly hub: URL;
  readonly pin: string | null;
  readonly token: string;
  readonly hostname: string;
  readonly passport: Passport;
  readonly now: () => Date;
  /** Sends over a connection that has proved to be the hub's. */
  readonly post: (url: URL, body: EnrolRequest) => Promise<{ readonly status: number; readonly body: unknown }>;
};

/** Trades a one-time token for this host's credential. Throws UsageError or CommandError; neither ever quotes the token. */
export async function enrol(options: EnrolOptions): Promise<Credential> {
  const request = enrolRequestSchema.safeParse({ token: options.token, hostname: options.hostname, passport: options.passport });
  if (!request.success) {
    const fields = [...new Set(request.error.issues.map((issue) => issue.path.join(".")))].join(", ");
    throw new UsageError(`cannot enrol with this ${fields}`);
  }
  const answer = await options.post(new URL(`${API_BASE}/enrol`, options.hub), request.data).catch((error: unknown) => {
    throw new CommandError(`the hub ${options.hub.origin} cannot be used: ${error instanceof Error ? error.message : String(error)}`);
  });
  const enrolled = enrolResponseSchema.safeParse(answer.body);
  if (answer.status < 200 || answer.status > 299 || !enrolled.success) throw refusal(options.hub, answer);
  const { hostId, credential, name } = enrolled.data;
  return { version: 1, hub: options.hub.origin, pin: options.pin, hostId, name, credential, enrolledAt: options.now().toISOString() };
}

function refusal(hub: URL, answer: { readonly status: number; readonly body: unknown }): CommandError {
  const problem = problemSchema.safeParse(answer.body);
  if (!problem.success) return new CommandError(`${hub.origin} answered ${answer.status}, not as a Sonde hub does`);
  return new CommandError(`the hub refused to enrol this host: ${problem.data.detail || problem.data.title} (${problem.data.code})`);
}
