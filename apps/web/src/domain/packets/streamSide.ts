/** A segment of TCP; `length` is that on the wire, of which `bytes` were captured. Its bytes may share memory. */
type Segment = { readonly seq: number; readonly syn: boolean; readonly bytes: Uint8Array; readonly length: number; readonly row: number };
type Emit = (bytes: Uint8Array, gap: number, row: number) => void;

/** Segments that wait for one before them. */
const MAX_WAITING = 1000;

/** Brings what one side of a TCP connection sent into order, each byte once (RFC 9293 3.4: sequence numbers go round at 2³²). */
export class StreamSide {
  readonly #emit: Emit;
  /** Number of the byte that comes next; null before the first segment. */
  #next: number | null = null;
  /** Bytes before it that were sent and not captured. */
  #missing = 0;
  /** In order of their distance from #next. */
  #waiting: Segment[] = [];

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  segment(segment: Segment): void {
    if (segment.syn) return this.#begin(segment);
    if (segment.length === 0) return;
    this.#next ??= segment.seq;
    if (this.#ahead(segment) <= 0) return this.#take(segment);
    this.#waiting.push(segment);
    this.#waiting.sort((a, b) => this.#ahead(a) - this.#ahead(b));
    if (this.#waiting.length > MAX_WAITING) this.#skip();
  }

  /** A SYN takes a number of its own; data may come with it. */
  #begin({ seq, ...rest }: Segment): void {
    this.#next ??= (seq + 1) >>> 0;
    this.segment({ ...rest, seq: (seq + 1) >>> 0, syn: false });
  }

  /** The other side has all bytes before this number: what is missing of them was not captured. */
  acknowledged(number: number): void {
    const [first] = this.#waiting;
    if (first !== undefined && ((number - first.seq) | 0) > 0) this.#skip();
  }

  end(): void {
    while (this.#waiting.length > 0) this.#skip();
  }

  #ahead({ seq }: Segment): number {
    return (seq - (this.#next ?? seq)) | 0;
  }

  #take(segment: Segment): void {
    const known = -this.#ahead(segment);
    if (known < segment.length) {
      const bytes = segment.bytes.subarray(Math.min(known, segment.bytes.length));
      if (bytes.length > 0) {
        this.#emit(bytes, this.#missing, segment.row);
        this.#missing = 0;
      }
      this.#missing += segment.length - known - bytes.length;
      this.#next = (segment.seq + segment.length) >>> 0;
    }
    const [first] = this.#waiting;
    if (first === undefined || this.#ahead(first) > 0) return;
    this.#waiting.shift();
    this.#take(first);
  }

  /** Goes on at the first segment that waits. */
  #skip(): void {
    const first = this.#waiting.shift();
    if (first === undefined) return;
    this.#missing += Math.max(0, this.#ahead(first));
    this.#next = first.seq;
    this.#take(first);
  }
}
