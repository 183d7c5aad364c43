"use client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { removeView, saveView, viewsQuery, type View, type ViewScreen } from "../../api/views.ts";
import { keys } from "../../api/keys.ts";
import { visible } from "../../domain/text.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Field } from "../../ui/Field.tsx";
import { IconButton } from "../../ui/IconButton.tsx";
import { Menu } from "../../ui/Menu.tsx";
import { Notice } from "../../ui/Notice.tsx";
import { general } from "../account/words.ts";
import { viewHref } from "./screens.ts";
import { ViewsButton } from "./ViewsButton.tsx";
import { useServices } from "./services.tsx";

/** The menu of the views saved of one screen, open from its first moment. */
export function ViewsMenu({ screen }: { screen: ViewScreen }) {
  const { api } = useServices();
  const router = useRouter();
  const [dialog, setDialog] = useState<"save" | "manage" | null>(null);
  const views = (useQuery(viewsQuery(api)).data ?? []).filter((view) => view.screen === screen);
  return (
    <>
      <Menu
        defaultOpen
        trigger={<ViewsButton />}
        groups={[
          {
            label: views.length === 0 ? "None saved of this screen yet" : "Saved views",
            items: views.map((view) => ({ label: visible(view.name), onSelect: () => router.push(viewHref(view)) })),
          },
          {
            label: "This screen",
            items: [
              { label: "Save this view", onSelect: () => setDialog("save") },
              { label: "Delete views", disabled: views.length === 0, onSelect: () => setDialog("manage") },
            ],
          },
        ]}
      />
      <SaveView screen={screen} open={dialog === "save"} onOpenChange={(open) => setDialog(open ? "save" : null)} />
      <DeleteViews views={views} open={dialog === "manage"} onOpenChange={(open) => setDialog(open ? "manage" : null)} />
    </>
  );
}

type DialogProps = { open: boolean; onOpenChange: (open: boolean) => void };

function SaveView({ screen, open, onOpenChange }: DialogProps & { screen: ViewScreen }) {
  const { api, queries } = useServices();
  const [name, setName] = useState("");
  const save = useMutation({
    mutationFn: () => saveView(api, { screen, name, query: location.search.slice(1) }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: keys.views });
      setName("");
      onOpenChange(false);
    },
  });
  return (
    <Dialog
      title="Save this view"
      description="What the address of this page says: filter, range, grouping. Everyone on this hub sees it."
      open={open}
      onOpenChange={onOpenChange}
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") save.mutate();
        }}
      >
        <Field
          label="Name"
          value={name}
          maxLength={80}
          onChange={(event) => setName(event.target.value)}
          hint="One of the same name is replaced."
        />
        {save.error === null ? null : (
          <Notice kind="error" title={general(save.error).title}>
            The view was not saved. {general(save.error).todo}
          </Notice>
        )}
        <div className="flex justify-end">
          <Button type="submit" look="primary" size="form" busy={save.isPending} disabled={name.trim() === ""}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function DeleteViews({ views, open, onOpenChange }: DialogProps & { views: readonly View[] }) {
  const { api, queries } = useServices();
  const remove = useMutation({
    mutationFn: (id: string) => removeView(api, id),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.views }),
  });
  return (
    <Dialog title="Delete views" open={open} onOpenChange={onOpenChange}>
      <ul className="flex flex-col">
        {views.map((view) => (
          <li key={view.id} className="flex h-8 items-center justify-between gap-4 border-b border-line">
            <span className="truncate">{visible(view.name)}</span>
            <IconButton label={`Delete ${visible(view.name)}`} disabled={remove.isPending} onClick={() => remove.mutate(view.id)}>
              <Trash2 size={15} aria-hidden />
            </IconButton>
          </li>
        ))}
      </ul>
      {remove.error === null ? null : (
        <Notice kind="error" title={general(remove.error).title}>
          {general(remove.error).todo}
        </Notice>
      )}
    </Dialog>
  );
}
