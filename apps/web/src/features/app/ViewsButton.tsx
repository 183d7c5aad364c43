import { Bookmark } from "lucide-react";
import { Button, type ButtonProps } from "../../ui/Button.tsx";

/** Opens the menu of saved views. */
export function ViewsButton(props: ButtonProps) {
  return (
    <Button look="quiet" icon={<Bookmark size={14} aria-hidden />} {...props}>
      Views
    </Button>
  );
}
