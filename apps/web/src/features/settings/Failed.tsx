import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { general } from "../account/words.ts";

/** A part of the page that could not be read. */
export function Failed({ what, error, onRetry }: { what: string; error: Error; onRetry: () => void }) {
  return (
    <Notice kind="error" title={general(error).title} action={<Button onClick={onRetry}>Try again</Button>}>
      {what} could not be read. {general(error).todo}
    </Notice>
  );
}
