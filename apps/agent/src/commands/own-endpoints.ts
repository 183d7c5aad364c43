import type { TextEndpoint } from "../capture/source.ts";
import { isLoopbackAddress } from "../control/hub-url.ts";

/** What the hub may name beside the addresses it was reached by. */
const MAX_ANNOUNCED = 64;

/**
 * The endpoints whose traffic is Sonde's own: where the hub was looked up, and where it says it listens.
 * A hub elsewhere cannot name loopback: that would hide this host's own services from the samples.
 */
export class OwnEndpoints {
  readonly #port: number;
  readonly #apply: (endpoints: readonly TextEndpoint[]) => void;
  #resolved: readonly TextEndpoint[] = [];
  #announced: readonly TextEndpoint[] = [];

  constructor(port: number, apply: (endpoints: readonly TextEndpoint[]) => void) {
    this.#port = port;
    this.#apply = apply;
  }

  /** Addresses the hub's name resolved to, before the connection to one of them is made. */
  resolved(addresses: readonly string[]): void {
    this.#resolved = addresses.slice(0, MAX_ANNOUNCED).map((address) => ({ address, port: this.#port }));
    this.#apply([...this.#resolved, ...this.#announced]);
  }

  /** Endpoints from the hello's acknowledgement; `reachedBy` is the address the connection goes to. */
  announced(endpoints: readonly TextEndpoint[], reachedBy: string): void {
    const near = isLoopbackAddress(reachedBy);
    this.#announced = endpoints.filter((each) => near || !isLoopbackAddress(each.address)).slice(0, MAX_ANNOUNCED);
    this.#apply([...this.#resolved, ...this.#announced]);
  }
}
