import { useState } from "react";

/** True from the first render on in which `now` is: what is fetched when it is first shown stays, so that it can close in peace. */
export function useOnce(now: boolean): boolean {
  const [was, setWas] = useState(now);
  if (now && !was) setWas(true);
  return was || now;
}
