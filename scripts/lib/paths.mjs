import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The clone this script belongs to. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Where a running instance keeps everything that is not built from source.
 *
 * @param {string} data the instance's folder, `.sonde` of the clone for `npm start`
 */
export const layout = (data) => ({
  data,
  postgres: join(data, "postgres"),
  run: join(data, "run"),
  hub: join(data, "hub"),
  agent: join(data, "agent"),
  log: join(data, "log"),
  lock: join(data, "start.lock"),
  instance: join(data, "instance.json"),
});

/** The instance of `npm start`. */
export const home = layout(join(root, ".sonde"));
