import Link from "next/link";
import { Empty } from "../ui/Notice.tsx";

export default function NotFound() {
  return (
    <main>
      <Empty
        title="No such page"
        action={
          <Link href="/" className="underline">
            To the fleet
          </Link>
        }
      >
        The address names nothing on this hub.
      </Empty>
    </main>
  );
}
