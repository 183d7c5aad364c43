/** What the columns say of a statement about a packet: it may take the packet itself to know. */
export const NO = 0;
export const YES = 1;
export const UNSURE = 2;
export type Answer = typeof NO | typeof YES | typeof UNSURE;
export type Answered = (row: number) => Answer;
