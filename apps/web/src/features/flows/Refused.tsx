import { Button } from "../../ui/Button.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { general } from "../account/words.ts";

/** A question that the hub did not answer, in its own words where it has some. */
export function Refused({ what, error, onRetry }: { what: string; error: Error; onRetry: () => void }) {
  return (
    <div className="p-4">
      <Notice kind="error" title={general(error).title} action={<Button onClick={onRetry}>Try again</Button>}>
        {what} could not be shown. {general(error).todo}
      </Notice>
    </div>
  );
}
