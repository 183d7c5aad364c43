import { CodedError, type Ack, type ErrorCode } from "@sonde/protocol";

export const OK: Ack = { ok: true };

export function refusal(code: ErrorCode, detail?: string): Extract<Ack, { ok: false }> {
  return { ok: false, code, detail: (detail ?? new CodedError(code).message).slice(0, 500) };
}

/** Made once: it is what a flood is answered with. */
export const TOO_MANY: Ack = refusal("TOO_MANY");
