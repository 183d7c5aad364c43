// A worker has no TypeScript loader of its own.
import { register } from "tsx/esm/api";

register();
await import("./loading.ts");
