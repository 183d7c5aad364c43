import manifest from "../package.json" with { type: "json" };

/** The agent's version, as told to the hub. */
export const agentVersion: string = manifest.version;
