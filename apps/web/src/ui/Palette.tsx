"use client";
import { Autocomplete } from "@base-ui/react/autocomplete";
import { Dialog } from "@base-ui/react/dialog";

export type PaletteItem = { readonly id: string; readonly label: string; readonly detail?: string; readonly run: () => void };
export type PaletteGroup = { readonly label: string; readonly items: readonly PaletteItem[] };

/** Everything that can be gone to or done, found by typing. Choosing closes it first. */
export function Palette(props: { open: boolean; onOpenChange: (open: boolean) => void; groups: readonly PaletteGroup[] }) {
  const { open, onOpenChange, groups } = props;
  const pick = (item: PaletteItem) => {
    onOpenChange(false);
    item.run();
  };
  return (
    <Dialog.Root open={open} onOpenChange={(next) => onOpenChange(next)}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-[#000000]/50" />
        <Dialog.Popup
          aria-label="Command palette"
          className="fixed top-[12dvh] left-1/2 z-50 flex max-h-[70dvh] w-[640px] max-w-[calc(100vw-32px)] -translate-x-1/2 flex-col overflow-hidden rounded-md border border-line bg-ground shadow-[0_16px_48px_rgb(0_0_0/0.3)]"
        >
          <Autocomplete.Root
            open
            inline
            items={groups.map((group) => ({ value: group.label, items: group.items }))}
            itemToStringValue={(item: PaletteItem) => `${item.label} ${item.detail ?? ""}`}
            autoHighlight="always"
            keepHighlight
          >
            <Autocomplete.Input
              aria-label="Go to or do"
              placeholder="Go to a screen, a host, a view; or do something"
              className="mono h-11 w-full shrink-0 border-b border-line bg-ground px-4 text-sm placeholder:font-sans placeholder:text-muted"
            />
            <Autocomplete.Empty className="px-4 text-sm text-muted empty:hidden [&:not(:empty)]:py-4">
              Nothing of that name
            </Autocomplete.Empty>
            <Autocomplete.List className="overflow-auto py-1 empty:hidden">
              {(group: { value: string; items: readonly PaletteItem[] }) => (
                <Autocomplete.Group key={group.value} items={group.items}>
                  <Autocomplete.GroupLabel className="px-4 pt-2 pb-1 text-xs text-muted">{group.value}</Autocomplete.GroupLabel>
                  <Autocomplete.Collection>
                    {(item: PaletteItem) => (
                      <Autocomplete.Item
                        key={item.id}
                        value={item}
                        onClick={() => pick(item)}
                        className="flex h-8 cursor-default items-center justify-between gap-4 px-4 text-sm data-highlighted:bg-selected"
                      >
                        <span className="truncate">{item.label}</span>
                        <span className="truncate text-xs text-muted">{item.detail}</span>
                      </Autocomplete.Item>
                    )}
                  </Autocomplete.Collection>
                </Autocomplete.Group>
              )}
            </Autocomplete.List>
          </Autocomplete.Root>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
