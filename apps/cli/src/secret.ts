import { CommandError } from "./errors.ts";

const MAX_SECRET = 4096;

/** One line of standard input: piped, or typed without an echo after a prompt on standard error. Rejects on Ctrl+C. */
export async function readSecret(prompt: string, input: NodeJS.ReadStream, errors: NodeJS.WriteStream): Promise<string> {
  if (!input.isTTY) {
    let text = "";
    for await (const chunk of input) {
      text += String(chunk);
      if (text.length > MAX_SECRET) throw new CommandError("standard input holds more than a token");
    }
    return text.trim();
  }
  input.setRawMode(true); // before anyone is asked to type
  input.resume();
  errors.write(prompt);
  try {
    return await typed(input);
  } finally {
    input.setRawMode(false);
    input.pause();
    errors.write("\n");
  }
}

function typed(input: NodeJS.ReadStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const done = (settle: () => void): void => {
      input.off("data", take);
      settle();
    };
    const take = (chunk: Buffer): void => {
      for (const char of chunk.toString("utf8")) {
        if (char === "\r" || char === "\n" || char === "\u0004") return done(() => resolve(text));
        if (char === "\u0003") return done(() => reject(new CommandError("interrupted")));
        if (char === "\u007f" || char === "\b") text = text.slice(0, -1);
        else if (char >= " " && text.length < MAX_SECRET) text += char;
      }
    };
    input.on("data", take);
  });
}
