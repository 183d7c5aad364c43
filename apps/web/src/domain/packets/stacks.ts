import type { FieldDef } from "../dissect/fields.ts";
import type { Node } from "../dissect/tree.ts";
import { marksOf } from "./marks.ts";
import { WordMap } from "./wordMap.ts";

/** A hostile file could make any number of kinds; those that come later are looked at anew each time. */
const MAX_STACKS = 4096;
/** 32 marks each; there are some fifty protocols. */
const WORDS = 8;

/**
 * What was found in packets: which protocols, and the first parts of their fields' names ("dns" of dns.qry.name). Each
 * kind of packet gets a number from 1, so that what is not in it is known without taking it apart again.
 */
export class Stacks {
  readonly #kinds = new WordMap(WORDS);
  readonly #marks = new Map<string, number>();
  readonly #ofField = new Map<FieldDef, readonly number[]>();
  readonly #found = new Uint32Array(WORDS);

  /** 0 where there are too many. */
  numberOf(layers: readonly Node[]): number {
    this.#found.fill(0);
    this.#collect(layers);
    if (this.#kinds.size >= MAX_STACKS) return 0;
    return this.#kinds.add(this.#found) + 1;
  }

  /** Whether packets of a kind have fields of a mark (marks.ts). */
  has(number: number, name: string): boolean {
    const mark = this.#marks.get(name);
    return mark !== undefined && ((this.#kinds.word(number - 1, mark >>> 5) >>> (mark & 31)) & 1) === 1;
  }

  #collect(nodes: readonly Node[]): void {
    for (const { field, children } of nodes) {
      for (const mark of this.#ofField.get(field) ?? this.#marksOf(field)) {
        const word = mark >>> 5;
        this.#found[word] = (this.#found[word] ?? 0) | (1 << (mark & 31));
      }
      if (children.length > 0) this.#collect(children);
    }
  }

  #marksOf(field: FieldDef): readonly number[] {
    const marks = marksOf(field).map((name) => this.#markOf(name));
    this.#ofField.set(field, marks);
    return marks;
  }

  #markOf(name: string): number {
    const known = this.#marks.get(name);
    if (known !== undefined) return known;
    if (this.#marks.size === WORDS * 32) throw new Error("more protocols than stacks.ts has marks for");
    this.#marks.set(name, this.#marks.size);
    return this.#marks.size - 1;
  }
}
