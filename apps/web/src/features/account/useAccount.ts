"use client";
import { useState } from "react";
import { createAccount } from "../../api/account.ts";
import type { Account } from "../../api/account.ts";
import type { Trouble } from "./words.ts";

/** One request at a time with its trouble in words, for the pages before and around the sign-in. */
export function useAccount(words: (error: unknown) => Trouble) {
  const [account] = useState(() => createAccount((...args) => fetch(...args)));
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
  return { run, busy, trouble };
}
