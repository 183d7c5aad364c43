/** The verifier ends with what it disliked and then its own figures: that line, and its words before it. */
export function refusal(log: string): string {
  const lines = log.trim().split("\n");
  const reason = lines.filter((line) => !line.startsWith("processed ")).at(-1);
  return reason === undefined || reason === "" ? "no words from the verifier" : `${reason}\n${log.slice(-2000)}`;
}
