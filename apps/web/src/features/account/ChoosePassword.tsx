"use client";
import Link from "next/link";
import { useState } from "react";
import type { FormEvent } from "react";
import { badPasswordFields } from "../../api/account.ts";
import { Button } from "../../ui/Button.tsx";
import { Field } from "../../ui/Field.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { Plain } from "./Plain.tsx";
import { textField } from "./textField.ts";
import { useAccount } from "./useAccount.ts";
import { general } from "./words.ts";

type Errors = { email?: string; password?: string; repeat?: string };

/** E-mail and password for the next sign-in, after one by link. */
export function ChoosePassword() {
  const { run, ready, busy, trouble } = useAccount(general);
  const [errors, setErrors] = useState<Errors>({});
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const input = { email: textField(data, "email"), password: textField(data, "password") };
    const found = check(input, textField(data, "repeat"));
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    void run(async (account) => {
      await account.setPassword(input);
      location.replace("/");
    });
  };
  return (
    <Plain title="Choose a password">
      <p className="text-base text-muted">
        You are signed in by a one-time link. With an e-mail address and a password you can sign in again without one.
      </p>
      {trouble === null ? null : (
        <Notice kind="error" title={trouble.title}>
          {trouble.todo}
        </Notice>
      )}
      <form onSubmit={submit} method="post" noValidate className="flex flex-col gap-4">
        <Field label="E-mail" name="email" type="email" autoComplete="username" required error={errors.email} />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          required
          hint="At least 12 characters."
          error={errors.password}
        />
        <Field label="Password again" name="repeat" type="password" autoComplete="new-password" required error={errors.repeat} />
        <div className="flex items-center gap-3">
          <Button type="submit" look="primary" size="form" busy={busy} disabled={!ready}>
            {busy ? "Saving" : "Save and continue"}
          </Button>
          <Link href="/" className="text-base text-muted underline hover:text-ink">
            Not now
          </Link>
        </div>
      </form>
    </Plain>
  );
}

function check(input: { email: string; password: string }, repeat: string): Errors {
  const bad = badPasswordFields(input);
  return {
    ...(bad.has("email") ? { email: "This is not an e-mail address." } : {}),
    ...(bad.has("password") ? { password: "Between 12 and 200 characters." } : {}),
    ...(repeat === input.password ? {} : { repeat: "The two are not the same." }),
  };
}
