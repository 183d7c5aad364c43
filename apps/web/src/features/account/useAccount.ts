"use client";
import { useState, useSyncExternalStore } from "react";
import { createAccount } from "../../api/account.ts";
import type { Account } from "../../api/account.ts";
import type { Trouble } from "./words.ts";

const never = () => () => {};

/**
 * One request at a time with its trouble in words, for the pages before and around the sign-in. Until `ready`
 * a form must not be sent: the browser itself would send it, past everything here.
 */
export function useAccount(words: (error: unknown) => Trouble) {
  const [account] = useState(() => createAccount((...args) => fetch(...args)));
  const ready = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const run = async (work: (account: Account) => Promise<void>) => {
    setBusy(true);
    setTrouble(null);
    try {
      await work(account);
    } catch (error) {
      setTrouble(words(error));
      setBusy(false);
    }
  };
  return { run, ready, busy, trouble };
}
