import { FolderOpen, Radio } from "lucide-react";
import Link from "next/link";
import { visible } from "../../domain/text.ts";
import { Button } from "../../ui/Button.tsx";
import { FileButton } from "../../ui/FileButton.tsx";
import { Empty } from "../../ui/Notice.tsx";
import { CAPTURE_FILES } from "./SourceBar.tsx";

/** Before anything is open. `file`: a name in the address, of a file that the page cannot open by itself. */
export function Begin({ file, onFile, onWatch }: { file: string; onFile: (file: File) => void; onWatch: () => void }) {
  return (
    <Empty
      title={file === "" ? "Nothing is open" : `Choose ${visible(file)} again`}
      action={
        <div className="flex flex-wrap justify-center gap-2">
          <FileButton label="Choose a capture file" accept={CAPTURE_FILES} icon={<FolderOpen size={14} aria-hidden />} onFile={onFile} />
          <Button icon={<Radio size={14} aria-hidden />} onClick={onWatch}>
            Watch hosts live
          </Button>
        </div>
      }
    >
      {file === "" ? (
        <p>
          Open a pcap or pcapng file of this machine, or drop one here: it is read in this browser and is not uploaded. Or watch hosts live,
          or open a capture from{" "}
          <Link href="/captures" className="underline decoration-edge underline-offset-2 hover:text-accent">
            Captures
          </Link>
          .
        </p>
      ) : (
        <p>The address names a file of this machine. A browser does not let a page open it by itself: choose it, or drop it here.</p>
      )}
    </Empty>
  );
}
