import { CodedError, PROTOCOL_VERSION, agentAuthSchema } from "@sonde/protocol";
import type pg from "pg";
import { z } from "zod";
import { hashSecret } from "../../secrets.ts";
import { findCredential } from "../../store/credentials.ts";

/** The version stands alone: the rest of a handshake may look different in another one. */
const versionSchema = z.object({ protocol: z.number() });

/**
 * The host that a handshake proves to be (SPEC 3.1). Throws CREDENTIAL_REFUSED or PROTOCOL_VERSION; `onKnown` hears of a
 * refusal only when the credential was once this very host's, so that nobody else can put a host in a bad light.
 */
export async function authenticateAgent(
  { series }: { readonly series: pg.Pool },
  auth: unknown,
  onKnown: (hostId: string, code: string) => void,
): Promise<string> {
  const version = versionSchema.safeParse(auth);
  const parsed = agentAuthSchema.safeParse(auth);
  if (!parsed.success)
    throw new CodedError(version.success && version.data.protocol !== PROTOCOL_VERSION ? "PROTOCOL_VERSION" : "CREDENTIAL_REFUSED");
  const { hostId, credential, protocol } = parsed.data;
  const stored = await findCredential(series, hashSecret(credential));
  if (!stored || stored.hostId !== hostId) throw new CodedError("CREDENTIAL_REFUSED");
  if (stored.ended) {
    onKnown(hostId, "CREDENTIAL_REFUSED");
    throw new CodedError("CREDENTIAL_REFUSED");
  }
  if (protocol !== PROTOCOL_VERSION) {
    onKnown(hostId, "PROTOCOL_VERSION");
    throw new CodedError("PROTOCOL_VERSION", `This hub speaks version ${PROTOCOL_VERSION}, the agent ${protocol}`);
  }
  return hostId;
}
