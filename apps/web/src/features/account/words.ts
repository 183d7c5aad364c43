import { ApiError } from "../../api/client.ts";

export type Trouble = { readonly title: string; readonly todo: string };

const links: Record<string, Trouble> = {
  LINK_USED: {
    title: "This link was used already",
    todo: "Each link signs in once. If it was not you, make a new one and check who has access to the machine.",
  },
  LINK_EXPIRED: { title: "This link has expired", todo: "A link is good for 15 minutes. Make a new one." },
  LINK_UNKNOWN: {
    title: "This hub does not know the link",
    todo: "Check that it was copied whole, and that it is of this hub. If in doubt, make a new one.",
  },
};

/** What went wrong with a one-time link, and what to do. */
export function linkTrouble(error: unknown): Trouble {
  if (error instanceof ApiError) {
    const known = links[error.code];
    if (known !== undefined) return known;
    if (error.status === 400) return links.LINK_UNKNOWN ?? general(error);
  }
  return general(error);
}

/** What went wrong at sign-in, and what to do. */
export function signInTrouble(error: unknown): Trouble {
  if (error instanceof ApiError && error.status === 429) {
    const wait = error.retryAfter === null ? "15 minutes" : `${Math.max(1, Math.ceil(error.retryAfter / 60))} min`;
    return { title: "Too many attempts", todo: `Wait ${wait}, or sign in with a one-time link.` };
  }
  if (error instanceof ApiError && (error.status === 401 || error.code === "INVALID_EMAIL")) {
    return { title: "E-mail or password is wrong", todo: "Check both. If the password is lost, sign in with a one-time link." };
  }
  return general(error);
}

/** Any other failure of a request. */
export function general(error: unknown): Trouble {
  if (error instanceof ApiError && error.code === "NETWORK") {
    return { title: "The hub does not answer", todo: "Check that it is running and that this machine reaches it, then try again." };
  }
  if (error instanceof ApiError && error.status === 429) return { title: "Too many requests", todo: "Wait a minute, then try again." };
  if (error instanceof ApiError) return { title: error.message, todo: "Try again; if it stays so, the hub's log says more." };
  return { title: "This page failed", todo: "Reload it; if it stays so, the browser's console says more." };
}
