import type { ColourRule, Find, StreamId, TalkKind } from "../../domain/packets/types.ts";
import { FrameSignal, type Schedule } from "../signal.ts";
import type { AnyRequest, Failure, LiveHost, OperationName, Operations, Request, Response, TableState, WorkerMessage } from "./messages.ts";

/** The way to a worker; start.ts has that to a real one. */
export interface WorkerPort {
  post(message: AnyRequest, transfer: Transferable[]): void;
  /** Tells what the worker says, and when it failed. */
  listen(message: (message: WorkerMessage) => void, failed: (message: string) => void): void;
  terminate(): void;
}

/** The worker refused or failed. */
export class PacketsError extends Error {
  readonly code: string;
  constructor({ code, message }: Failure) {
    super(message);
    this.name = "PacketsError";
    this.code = code;
  }
}

const empty: TableState = {
  phase: "empty",
  name: "",
  bytes: 0,
  totalBytes: null,
  packets: 0,
  firstNumber: 1,
  shown: 0,
  filter: "",
  unfiltered: 0,
  error: null,
  interfaces: [],
  comments: [],
  startNs: null,
  endNs: null,
  revision: 0,
};

const closed = (): PacketsError => new PacketsError({ code: "CLOSED", message: "the packets were closed" });

type Waiting = { readonly resolve: (output: never) => void; readonly reject: (error: Error) => void };

/** The page's end of the worker that holds the packets: one promise for each question, and a store of what it says of itself. */
export class PacketsClient {
  readonly #port: WorkerPort;
  readonly #signal: FrameSignal;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #closed = false;
  #latest = empty;
  #snapshot = empty;

  constructor(port: WorkerPort, schedule: Schedule) {
    this.#port = port;
    this.#signal = new FrameSignal(schedule, () => (this.#snapshot = this.#latest));
    port.listen(
      (message) => this.#take(message),
      (message) => this.#fail(new PacketsError({ code: "FAILED", message })),
    );
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#signal.subscribe(listener);
  readonly snapshot = (): TableState => this.#snapshot;

  openFile(file: Blob, name: string) {
    return this.#ask("openFile", { file, name });
  }
  openUrl(url: string, name: string) {
    return this.#ask("openUrl", { url, name });
  }
  beginLive(rows: number, name: string) {
    return this.#ask("beginLive", { rows, name });
  }
  /** Gives the batch away: it is empty afterwards. */
  append(host: LiveHost, batch: ArrayBuffer) {
    return this.#ask("append", { host, batch }, [batch]);
  }
  cancel() {
    return this.#ask("cancel", null);
  }
  clear() {
    return this.#ask("clear", null);
  }
  filter(text: string) {
    return this.#ask("filter", { text });
  }
  rows(from: number, count: number) {
    return this.#ask("rows", { from, count });
  }
  placeOf(number: number) {
    return this.#ask("placeOf", { number });
  }
  detail(number: number) {
    return this.#ask("detail", { number });
  }
  setColours(rules: readonly ColourRule[]) {
    return this.#ask("setColours", { rules });
  }
  conversations(kind: TalkKind) {
    return this.#ask("conversations", { kind });
  }
  endpoints(kind: TalkKind) {
    return this.#ask("endpoints", { kind });
  }
  graph(input: Operations["graph"]["in"]) {
    return this.#ask("graph", input);
  }
  followStream(id: StreamId) {
    return this.#ask("followStream", { id });
  }
  find(what: Find, from: number, backwards: boolean) {
    return this.#ask("find", { what, from, backwards });
  }
  mark(numbers: readonly number[], on: boolean) {
    return this.#ask("mark", { numbers, on });
  }
  comment(number: number, text: string) {
    return this.#ask("comment", { number, text });
  }
  nextMark(from: number, backwards: boolean) {
    return this.#ask("nextMark", { from, backwards });
  }
  save(what: Operations["save"]["in"]["what"]) {
    return this.#ask("save", { what });
  }

  /** Ends the worker; what is asked or waits is refused. Idempotent. */
  dispose(): void {
    this.#closed = true;
    this.#port.terminate();
    this.#fail(closed());
    this.#signal.dispose();
  }

  #ask<K extends OperationName>(name: K, input: Operations[K]["in"], transfer: Transferable[] = []): Promise<Operations[K]["out"]> {
    if (this.#closed) return Promise.reject(closed());
    const request: Request<K> = { id: this.#nextId++, name, input };
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject });
      this.#port.post(request as AnyRequest, transfer); // a request of K is one of them
    });
  }

  #take(message: WorkerMessage): void {
    if ("state" in message) {
      this.#latest = message.state;
      return this.#signal.touch();
    }
    this.#settle(message);
  }

  #settle(response: Response<OperationName>): void {
    const waiting = this.#waiting.get(response.id);
    this.#waiting.delete(response.id);
    if (response.ok) waiting?.resolve(response.output as never); // of the name that was asked with this id
    else waiting?.reject(new PacketsError(response.error));
  }

  #fail(error: PacketsError): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
