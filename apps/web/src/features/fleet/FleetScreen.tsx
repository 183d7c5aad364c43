"use client";
import { useQuery } from "@tanstack/react-query";
import { Plus, Tags } from "lucide-react";
import dynamic from "next/dynamic";
import { useMemo, useState } from "react";
import { hostsQuery } from "../../api/queries.ts";
import { storageQuery } from "../../api/settings.ts";
import { fleetMatcher } from "../../domain/fleetFilter.ts";
import { Button } from "../../ui/Button.tsx";
import { Empty, Notice } from "../../ui/Notice.tsx";
import { TopBar } from "../../ui/Rail.tsx";
import { general } from "../account/words.ts";
import { ConnectionState } from "../app/ConnectionState.tsx";
import { SavedViews } from "../app/SavedViews.tsx";
import { useServices } from "../app/services.tsx";
import { useOnce } from "../app/useOnce.ts";
import { useStore } from "../app/useStore.ts";
import { useUrlState } from "../app/useUrlState.ts";
import { LowDisk } from "../settings/LowDisk.tsx";
import { FleetFilter } from "./FleetFilter.tsx";
import { FleetTable } from "./FleetTable.tsx";
import { statusCounts } from "./statusCounts.ts";

const AddHost = dynamic(() => import("../enrol/AddHost.tsx").then((file) => file.AddHost));
const LabelHosts = dynamic(() => import("./LabelHosts.tsx").then((file) => file.LabelHosts));

/** All hosts of this hub with their state and rates, and the way to add one. */
export function FleetScreen() {
  const { api, fleet } = useServices();
  const hosts = useQuery(hostsQuery(api));
  const live = useStore(fleet.rows);
  const storage = useQuery(storageQuery(api)).data;
  const [add, setAdd] = useUrlState("add");
  const [labelling, setLabelling] = useState(false);
  const everAdded = useOnce(add === "host");
  const everLabelled = useOnce(labelling);
  const [filter, setFilter] = useUrlState("filter");
  const shown = useMemo(() => {
    const kept = fleetMatcher(filter);
    return (hosts.data ?? []).filter((host) => kept({ ...host, status: live.get(host.id)?.status ?? host.status }));
  }, [hosts.data, live, filter]);
  const addButton = (
    <Button look="primary" icon={<Plus size={15} aria-hidden />} onClick={() => setAdd("host")}>
      Add a host
    </Button>
  );
  return (
    <>
      <TopBar title={<h1 className="text-md font-semibold">Fleet</h1>}>
        {hosts.data === undefined ? null : (
          <span className="text-sm text-muted">
            {filter === "" ? "" : `${shown.length} of `}
            {statusCounts(hosts.data, live)}
          </span>
        )}
        <Button look="quiet" icon={<Tags size={14} aria-hidden />} disabled={shown.length === 0} onClick={() => setLabelling(true)}>
          Label
        </Button>
        <SavedViews screen="fleet" />
        <FleetFilter text={filter} onText={setFilter} />
        <ConnectionState />
        {addButton}
      </TopBar>
      {storage?.lowDisk.active === true ? (
        <div className="p-4 pb-0">
          <LowDisk report={storage} />
        </div>
      ) : null}
      {hosts.error === null ? null : (
        <div className="p-4">
          <Notice kind="error" title={general(hosts.error).title} action={<Button onClick={() => void hosts.refetch()}>Try again</Button>}>
            The list of hosts could not be read. {general(hosts.error).todo}
          </Notice>
        </div>
      )}
      {hosts.isPending ? (
        <p role="status" className="p-4 text-muted">
          Reading the list of hosts
        </p>
      ) : null}
      {hosts.data === undefined ? null : hosts.data.length === 0 ? (
        <Empty title="No hosts yet" action={addButton}>
          A host appears here once its agent has enrolled. “Add a host” gives one line to run on it.
        </Empty>
      ) : (
        <FleetTable hosts={shown} live={live} filter={filter} onFilter={setFilter} />
      )}
      {everLabelled ? <LabelHosts hosts={shown} open={labelling} onOpenChange={setLabelling} /> : null}
      {everAdded ? <AddHost open={add === "host"} onOpenChange={(open) => setAdd(open ? "host" : "")} /> : null}
    </>
  );
}
