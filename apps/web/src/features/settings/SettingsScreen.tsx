"use client";
import { TopBar } from "../../ui/Rail.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { ConnectionState } from "../app/ConnectionState.tsx";
import { useUrlState } from "../app/useUrlState.ts";
import { NamesTab } from "./NamesTab.tsx";
import { StorageTab } from "./StorageTab.tsx";
import { TokensTab } from "./TokensTab.tsx";

const tabs = [
  { value: "storage", label: "Storage", content: <StorageTab /> },
  { value: "tokens", label: "API tokens", content: <TokensTab /> },
  { value: "names", label: "Names", content: <NamesTab /> },
];

/** What concerns the hub as a whole: what it keeps, who may ask it, and where names come from. */
export function SettingsScreen() {
  const [tab, setTab] = useUrlState("tab");
  return (
    <>
      <TopBar title={<h1 className="text-md font-semibold">Settings</h1>}>
        <ConnectionState />
      </TopBar>
      <Tabs label="Settings" value={tab === "" ? "storage" : tab} onChange={(next) => setTab(next === "storage" ? "" : next)} tabs={tabs} />
    </>
  );
}
