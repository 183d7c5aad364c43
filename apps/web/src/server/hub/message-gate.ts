import type { Ack } from "@sonde/protocol";
import type { Clock } from "../clock.ts";
import { TOO_MANY } from "./answers.ts";
import { WindowCount } from "./window-count.ts";

/** Messages of one browser within the window; it is told TOO_MANY of the next ones, and cut off when it goes on. */
const MAX_MESSAGES = 120;
const MAX_DEAF_MESSAGES = 3 * MAX_MESSAGES;
const WINDOW_MS = 10_000;

export type MessageGateOptions = {
  readonly clock: Clock;
  readonly handle: (input: unknown) => Promise<Ack>;
  readonly onTooMany: () => void;
  /** It did not hear: the connection is to be ended. */
  readonly onDeaf: () => void;
};
export type MessageGate = {
  take(input: unknown, reply: (answer: Ack) => void): void;
};

/** One browser's messages, handled one after the other and in measure: what it asks for at once holds up nobody else. */
export function createMessageGate({ clock, handle, onTooMany, onDeaf }: MessageGateOptions): MessageGate {
  const received = new WindowCount(WINDOW_MS, clock.now);
  let last: Promise<void> = Promise.resolve();
  return {
    take(input, reply) {
      const count = received.add();
      if (count <= MAX_MESSAGES) {
        last = last.then(async () => reply(await handle(input)));
        return;
      }
      onTooMany();
      if (count < MAX_DEAF_MESSAGES) reply(TOO_MANY);
      else if (count === MAX_DEAF_MESSAGES) onDeaf();
    },
  };
}
