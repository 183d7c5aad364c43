import { Button } from "./Button.tsx";
import type { ButtonProps } from "./Button.tsx";

/** A button of a bar with a sign and a word; on a phone the word is only said. */
export function ToolButton({ children, ...rest }: ButtonProps) {
  return (
    <Button {...rest}>
      <span className="max-md:sr-only">{children}</span>
    </Button>
  );
}
