import { OutsideFrame } from "@/features/identity/outside-frame";
import { Link } from "@/ui/link";

export default function NotFound() {
  return (
    <OutsideFrame title="There is no such page" note="No money was moved.">
      <Link href="/" className="text-accent underline underline-offset-4">
        Go to the start
      </Link>
    </OutsideFrame>
  );
}
