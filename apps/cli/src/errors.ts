/** The command cannot do what was asked because of how it was asked: exit status 2, no stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command understood but failed, with words meant for the person at the terminal: exit status 1, no stack. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
