import { CodedError, PROTOCOL_VERSION, agentAuthSchema } from "@sonde/protocol";
import { z } from "zod";
import { hashSecret } from "../../secrets.ts";
import type { VerbCtx } from "../call.ts";

/** The version stands alone: the rest of a handshake may look different in another one. */
const versionSchema = z.object({ protocol: z.number() });

/**
 * The host that a handshake proves to be (SPEC 3.1). Throws CREDENTIAL_REFUSED or PROTOCOL_VERSION; `onKnown` hears of a
 * refusal only when the credential was once this very host's, so that nobody else can put a host in a bad light.
 */
export async function authenticateAgent(
  { db }: Pick<VerbCtx, "db">,
  auth: unknown,
  onKnown: (hostId: string, code: string) => void,
): Promise<string> {
  const version = versionSchema.safeParse(auth);
  const parsed = agentAuthSchema.safeParse(auth);
  if (!parsed.success)
    throw new CodedError(version.success && version.data.protocol !== PROTOCOL_VERSION ? "PROTOCOL_VERSION" : "CREDENTIAL_REFUSED");
  const { hostId, credential, protocol } = parsed.data;
  const [row] = await db.$queryRaw<{ hostId: string; ended: boolean }[]>`
    SELECT c.host_id AS "hostId", c.revoked_at IS NOT NULL OR h.removed_at IS NOT NULL AS ended
    FROM agent_credential c JOIN host h ON h.id = c.host_id WHERE c.hash = ${hashSecret(credential)}`;
  if (!row || row.hostId !== hostId) throw new CodedError("CREDENTIAL_REFUSED");
  if (row.ended) {
    onKnown(hostId, "CREDENTIAL_REFUSED");
    throw new CodedError("CREDENTIAL_REFUSED");
  }
  if (protocol !== PROTOCOL_VERSION) {
    onKnown(hostId, "PROTOCOL_VERSION");
    throw new CodedError("PROTOCOL_VERSION", `This hub speaks version ${PROTOCOL_VERSION}, the agent ${protocol}`);
  }
  return hostId;
}
