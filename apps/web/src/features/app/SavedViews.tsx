"use client";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { ViewScreen } from "../../api/views.ts";
import { ViewsButton } from "./ViewsButton.tsx";

const ViewsMenu = dynamic(() => import("./ViewsMenu.tsx").then((file) => file.ViewsMenu), { loading: () => <ViewsButton /> });

/** The views saved of one screen; what its address says now can become one more. The menu is fetched when it is asked for. */
export function SavedViews({ screen }: { screen: ViewScreen }) {
  const [asked, setAsked] = useState(false);
  if (asked) return <ViewsMenu screen={screen} />;
  return <ViewsButton aria-haspopup="menu" aria-expanded={false} onClick={() => setAsked(true)} />;
}
