/** What a regular expression is made of. A set has a byte at each place that it takes. */
export type Expression =
  | { readonly type: "set"; readonly of: Uint8Array }
  | { readonly type: "start" | "end" }
  | { readonly type: "sequence" | "choice"; readonly of: readonly Expression[] }
  | { readonly type: "repeat"; readonly of: Expression; readonly min: number; readonly max: number | null };

/** Why a text is no regular expression that is understood here; `at` is the place in it. */
export class RegexError extends Error {
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message);
  }
}

const MAX_LENGTH = 500;
const MAX_REPEAT = 255;
const MAX_DEPTH = 50;
const utf8 = new TextEncoder();

/** Of PCRE what automata can do: no references back and no looking around. Upper and lower case are one, unless (?-i) begins it. */
export function parseRegex(text: string): Expression {
  if (text.length > MAX_LENGTH) throw new RegexError(`a regular expression has at most ${MAX_LENGTH} characters`, MAX_LENGTH);
  return new Parser(text).whole();
}

class Parser {
  #at = 0;
  #depth = 0;
  #anyCase = true;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Expression {
    if (this.#eat("(?i)")) this.#anyCase = true;
    else if (this.#eat("(?-i)")) this.#anyCase = false;
    const expression = this.#choice();
    if (this.#at < this.#text.length) throw new RegexError("this ) closes nothing", this.#at);
    return expression;
  }

  #choice(): Expression {
    const of = [this.#sequence()];
    while (this.#eat("|")) of.push(this.#sequence());
    return of.length === 1 && of[0] !== undefined ? of[0] : { type: "choice", of };
  }

  #sequence(): Expression {
    const of: Expression[] = [];
    while (this.#at < this.#text.length && this.#next !== "|" && this.#next !== ")") of.push(this.#repeated());
    return { type: "sequence", of };
  }

  #repeated(): Expression {
    let expression = this.#atom();
    for (;;) {
      const counts = this.#quantifier();
      if (counts === null) return expression;
      this.#eat("?"); // whether it takes few or many makes no difference to whether it fits
      if (expression.type === "repeat") throw new RegexError("a repetition of a repetition: put it in parentheses", this.#at);
      expression = { type: "repeat", of: expression, min: counts[0], max: counts[1] };
    }
  }

  #quantifier(): [min: number, max: number | null] | null {
    if (this.#eat("*")) return [0, null];
    if (this.#eat("+")) return [1, null];
    if (this.#eat("?")) return [0, 1];
    const counted = /^\{(\d{1,3})(?:(,)(\d{1,3})?)?\}/.exec(this.#text.slice(this.#at));
    if (counted === null) return null;
    const min = Number(counted[1]);
    const max = counted[2] === undefined ? min : counted[3] === undefined ? null : Number(counted[3]);
    if (min > MAX_REPEAT || (max !== null && (max > MAX_REPEAT || max < min)))
      throw new RegexError(`a repetition goes up to ${MAX_REPEAT} times, from the smaller number to the larger`, this.#at);
    this.#at += counted[0].length;
    return [min, max];
  }

  #atom(): Expression {
    const at = this.#at;
    if (this.#eat("(")) return this.#group(at);
    if (this.#eat("^")) return { type: "start" };
    if (this.#eat("$")) return { type: "end" };
    if (this.#eat(".")) return { type: "set", of: setOf((byte) => byte !== 10) };
    if (this.#eat("[")) return this.#class(at);
    if (this.#eat("\\")) return { type: "set", of: this.#escaped(at) };
    if (/[*+?]/.test(this.#next)) throw new RegexError("nothing to repeat", at);
    return this.#literal();
  }

  #group(at: number): Expression {
    if (this.#next === "?" && !this.#eat("?:")) throw new RegexError("no looking around, no names and no options inside", at);
    if (++this.#depth > MAX_DEPTH) throw new RegexError(`at most ${MAX_DEPTH} parentheses inside each other`, at);
    const inside = this.#choice();
    this.#depth--;
    if (!this.#eat(")")) throw new RegexError("a parenthesis is not closed", at);
    return { type: "sequence", of: [inside] };
  }

  /** One character, as the bytes of its UTF-8. */
  #literal(): Expression {
    const character = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    this.#at += character.length;
    const bytes = [...utf8.encode(character)];
    return { type: "sequence", of: bytes.map((byte) => ({ type: "set", of: this.#cased(setOf((one) => one === byte)) })) };
  }

  #escaped(at: number): Uint8Array {
    const letter = this.#next;
    this.#at++;
    const named = classes[letter.toLowerCase()];
    if (named !== undefined) return setOf((byte) => named(byte) === (letter === letter.toLowerCase()));
    const control = controls[letter];
    if (control !== undefined) return setOf((byte) => byte === control);
    if (letter === "x") return this.#hexadecimal(at);
    if (letter === "" || /[A-Za-z0-9]/.test(letter) || letter > "\x7f") throw new RegexError(`\\${letter} is not known`, at);
    return setOf((byte) => byte === letter.charCodeAt(0));
  }

  #hexadecimal(at: number): Uint8Array {
    const digits = /^[0-9a-f]{2}/i.exec(this.#text.slice(this.#at))?.[0];
    if (digits === undefined) throw new RegexError("\\x wants two hexadecimal digits", at);
    this.#at += 2;
    const value = Number.parseInt(digits, 16);
    return setOf((byte) => byte === value);
  }

  #class(at: number): Expression {
    const not = this.#eat("^");
    const taken = new Uint8Array(256);
    let first = true;
    while (first || this.#next !== "]") {
      if (this.#at >= this.#text.length) throw new RegexError("a [ is not closed", at);
      first = false;
      const from = this.#member();
      const single = from.indexOf(1);
      const range = this.#next === "-" && (this.#text[this.#at + 1] ?? "]") !== "]" && from.lastIndexOf(1) === single;
      if (!range) {
        for (let byte = 0; byte < 256; byte++) if (from[byte] === 1) taken[byte] = 1;
        continue;
      }
      this.#at++;
      const last = this.#member().lastIndexOf(1);
      if (last < single) throw new RegexError("the range ends before it begins", at);
      taken.fill(1, single, last + 1);
    }
    this.#at++;
    const cased = this.#cased(taken);
    return { type: "set", of: setOf((byte) => (cased[byte] === 1) !== not) };
  }

  #member(): Uint8Array {
    const at = this.#at;
    if (this.#eat("\\")) return this.#escaped(at);
    const code = this.#text.charCodeAt(this.#at++);
    if (code > 0x7f) throw new RegexError("between [ and ] only ASCII, or \\x with two digits", at);
    return setOf((byte) => byte === code);
  }

  /** Takes the other case of its letters too. */
  #cased(set: Uint8Array): Uint8Array {
    if (!this.#anyCase) return set;
    return setOf((byte) => set[byte] === 1 || (isLetter(byte) && set[byte ^ 0x20] === 1));
  }

  get #next(): string {
    return this.#text[this.#at] ?? "";
  }
  #eat(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }
}

const isLetter = (byte: number): boolean => (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const classes: Readonly<Record<string, (byte: number) => boolean>> = {
  d: isDigit,
  w: (byte) => isLetter(byte) || isDigit(byte) || byte === 0x5f,
  s: (byte) => byte === 0x20 || (byte >= 9 && byte <= 13),
};
const controls: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11, "0": 0 };

function setOf(takes: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (takes(byte) ? 1 : 0));
}
