export { uplinksOf } from "@sonde/protocol";
